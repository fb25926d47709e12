import { weekdays, windowState, type Weekday, type Window } from "../window.ts";
import { isTimezone } from "./gate-rules.ts";
import { eachEnvironment, type Rule } from "./rule.ts";

/** Any Monday: what days and times of a week leave open does not depend on the year. */
const start = Date.parse("2026-01-05T00:00:00Z");
/** Two weeks hold every day of the week twice. */
const end = start + 14 * 86_400_000;
/** More than anybody writes; what is beyond is judged on the pull request alone. */
const mostWindows = 20;

/** Several entries must be open at the same moment: some never are, and their promotions would wait for ever. */
const windowsOpenTogether = eachEnvironment(function* windowsOpenTogether({ gates = [] }, path) {
  const entries = gates.flatMap(({ window }, index) =>
    window === undefined ? [] : [{ index, windows: windowsOf(window) }],
  );
  const last = entries.at(-1);
  const whole = entries.flatMap(({ windows }) => (windows === null ? [] : [windows]));
  // What is wrong with one of them is said where it stands.
  if (last === undefined || whole.length < entries.length) return;
  if (whole.flat().length > mostWindows || everOpen(whole)) return;
  const sentence =
    entries.length === 1
      ? "these windows are never open: those that deny cover all of those that allow, so change one of them"
      : "the windows of this environment are never open at the same time, and all entries must be: write them as one list";
  yield { path: [...path, "gates", last.index, "window"], sentence };
});

function everOpen(entries: readonly (readonly Window[])[]): boolean {
  for (let moment = start; moment < end;) {
    const now = new Date(moment);
    const states = entries.map((windows) => windowState(windows, now));
    if (states.every(({ open }) => open)) return true;
    // What never changes again stays closed.
    if (states.some(({ open, until }) => !open && until === null)) return false;
    moment = Math.min(...states.map(({ until }) => until?.getTime() ?? end));
  }
  return false;
}

/** Null where one of them cannot be read. */
function windowsOf(written: unknown): readonly Window[] | null {
  const all: readonly unknown[] = Array.isArray(written) ? written : [written];
  const windows = all.map(windowOf);
  return windows.every((window) => window !== null) && windows.length > 0 ? windows : null;
}

function windowOf(written: unknown): Window | null {
  if (typeof written !== "object" || written === null) return null;
  const { effect = "allow", days, from, to, timezone } = written as Record<string, unknown>;
  if (effect !== "allow" && effect !== "deny") return null;
  if (!Array.isArray(days) || days.length === 0 || !days.every(isWeekday)) return null;
  if (!isTime(from) || !(isTime(to) || to === "24:00") || from === to) return null;
  if (typeof timezone !== "string" || !isTimezone(timezone)) return null;
  return { effect, days, from, to, timezone };
}

function isWeekday(day: unknown): day is Weekday {
  return weekdays.some((one) => one === day);
}

function isTime(time: unknown): time is string {
  return typeof time === "string" && /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(time);
}

export const windowRules: readonly Rule[] = [windowsOpenTogether];
