import { Temporal } from "temporal-polyfill";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

/** A stretch of time that begins on some days of the week, as clocks of one place show it. */
export type Window = {
  readonly effect: "allow" | "deny";
  /** The days on which it begins. */
  readonly days: readonly Weekday[];
  /** `HH:MM`: the first moment within. */
  readonly from: string;
  /** `HH:MM`: the first moment after; before `from`: of the day after. `24:00`: the first moment of the day after. */
  readonly to: string;
  /** IANA name. */
  readonly timezone: string;
};

export type WindowState = {
  readonly open: boolean;
  /** The next moment at which `open` changes; null where it never does. */
  readonly until: Date | null;
  /** Closed by a window that denies, not for want of one that allows. */
  readonly denied: boolean;
};

/** How many days are looked at for a change: two weeks hold every weekday twice, whatever daylight saving does. */
const daysAhead = 15;

/**
 * Are the windows open, and until when: one that allows is (or there is none), and none that denies. Exact to the
 * second, through every change of the clocks: a time that the clocks skip is the moment at which they jump; one that
 * they show twice is the first of the two, except that a window which denies lasts until the second.
 */
export function windowState(windows: readonly Window[], now: Date): WindowState {
  const nowMs = now.getTime();
  const remembered = memory.get(windows);
  if (remembered !== undefined && remembered.at === nowMs) return remembered.state;
  const state = compute(windows, nowMs);
  memory.set(windows, { at: nowMs, state });
  return state;
}

/** A thousand streams of one plan ask the same. */
const memory = new WeakMap<readonly Window[], { at: number; state: WindowState }>();

type Stretch = { readonly effect: Window["effect"]; readonly from: number; readonly to: number };

function compute(windows: readonly Window[], now: number): WindowState {
  const stretches = windows.flatMap((window) => stretchesOf(window, now));
  const state = stateAt(windows, stretches, now);
  const moments = [...new Set(stretches.flatMap(({ from, to }) => [from, to]))]
    .filter((moment) => moment > now)
    .toSorted((one, other) => one - other);
  // The last day is not known whole: what ends there may go on.
  const horizon = now + (daysAhead - 2) * 86_400_000;
  const change = moments.find(
    (moment) => moment <= horizon && stateAt(windows, stretches, moment).open !== state.open,
  );
  return { ...state, until: change === undefined ? null : new Date(change) };
}

function stateAt(
  windows: readonly Window[],
  stretches: readonly Stretch[],
  at: number,
): Pick<WindowState, "open" | "denied"> {
  const within = stretches.filter(({ from, to }) => from <= at && at < to);
  const denied = within.some(({ effect }) => effect === "deny");
  const allowed =
    within.some(({ effect }) => effect === "allow") ||
    windows.every(({ effect }) => effect === "deny");
  return { open: allowed && !denied, denied };
}

/** Every stretch of a window that reaches into the days from yesterday on. */
function stretchesOf(window: Window, now: number): readonly Stretch[] {
  const { effect, days, from, to, timezone } = window;
  const begin = Temporal.PlainTime.from(from);
  const end = Temporal.PlainTime.from(to === "24:00" ? "00:00" : to);
  const nextDay = Temporal.PlainTime.compare(end, begin) <= 0 ? 1 : 0;
  const today = Temporal.Instant.fromEpochMilliseconds(now)
    .toZonedDateTimeISO(timezone)
    .toPlainDate();
  const stretches: Stretch[] = [];
  for (let day = -2; day <= daysAhead; day += 1) {
    const date = today.add({ days: day });
    const weekday = weekdays[date.dayOfWeek - 1];
    if (weekday === undefined || !days.includes(weekday)) continue;
    const stretch = {
      effect,
      from: momentOf(date.toPlainDateTime(begin), timezone, "earlier"),
      to: momentOf(
        date.add({ days: nextDay }).toPlainDateTime(end),
        timezone,
        effect === "deny" ? "later" : "earlier",
      ),
    };
    if (stretch.from < stretch.to) stretches.push(stretch);
  }
  return stretches;
}

function momentOf(
  wall: Temporal.PlainDateTime,
  timezone: string,
  ofTwo: "earlier" | "later",
): number {
  const moment = wall.toZonedDateTime(timezone, { disambiguation: ofTwo });
  if (moment.toPlainDateTime().equals(wall)) return moment.epochMilliseconds;
  // The clocks skip this time: what counts is when they jump.
  const before = wall.toZonedDateTime(timezone, { disambiguation: "earlier" });
  return before.getTimeZoneTransition("next")?.epochMilliseconds ?? moment.epochMilliseconds;
}
