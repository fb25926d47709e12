import { expect, it } from "vitest";

import { weekdays, type Window } from "#core/window.ts";

import { anEnvironment, noon } from "../../builders.ts";
import { judge, show } from "./judge.ts";

/** Noon is 13:00 in Berlin, on a Monday. */
function aWindow(from: string, to: string, effect: Window["effect"] = "allow"): Window {
  return { effect, days: weekdays, from, to, timezone: "Europe/Berlin" };
}

function environment(...entries: readonly (readonly Window[])[]) {
  return anEnvironment("prod", { gates: entries.map((windows) => ({ kind: "window", windows })) });
}

it("each entry of the policy is judged for itself", () => {
  const entries = [[aWindow("09:00", "16:00")], [aWindow("14:00", "15:00")]];
  expect(show(judge("window", { environment: environment(...entries) }))).toBe(
    "passed open, pending closed",
  );
});

it("changes at the very second that it names", () => {
  const place = environment([aWindow("09:00", "16:00")]);
  const [open] = judge("window", { environment: place });
  expect(open?.until).toEqual(new Date("2026-03-02T15:00:00Z"));
  const last = new Date("2026-03-02T14:59:59Z");
  expect(show(judge("window", { environment: place, now: last }))).toBe("passed open");
  const end = open?.until ?? noon;
  expect(show(judge("window", { environment: place, now: end }))).toBe("pending closed");
});

it("that never opens is a failure with its remedy", () => {
  const place = environment([aWindow("09:00", "16:00"), aWindow("08:00", "17:00", "deny")]);
  const [said] = judge("window", { environment: place, now: new Date("2026-03-02T18:00:00Z") });
  expect(said).toMatchObject({ status: "failed", reason: "never-open" });
  expect(said?.remedy).toBeDefined();
});
