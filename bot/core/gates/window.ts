import { gatesOf } from "../gate-policy.ts";
import type { GateResult } from "../gate.ts";
import { windowState, type Window } from "../window.ts";
import { formatMoment } from "../words.ts";
import type { Gate, GateContext } from "./gate-context.ts";

/** The time is one at which it may be merged: every entry of the policy, each with several windows, is open. */
export const window: Gate = {
  name: "window",
  applies: ({ environment }) => gatesOf(environment, "window").length > 0,
  judgeEach: (context) =>
    gatesOf(context.environment, "window").map(({ windows }) => judgeWindow(context, windows)),
};

function judgeWindow({ now }: GateContext, windows: readonly Window[]): GateResult {
  const { open, until, denied } = windowState(windows, now);
  if (open) {
    return until === null
      ? say("passed", "open", "The window is open.")
      : { ...say("passed", "open", `The window is open until ${formatMoment(until)}.`), until };
  }
  if (until === null) {
    return {
      ...say("failed", "never-open", "The windows never let anything through."),
      remedy: "Change the windows in the policy: those that deny cover all of those that allow.",
    };
  }
  return {
    ...say(
      "pending",
      denied ? "denied" : "closed",
      `${denied ? "A window denies merging" : "The window is closed"} until ${formatMoment(until)}.`,
    ),
    until,
  };
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "window", status, reason, sentence };
}
