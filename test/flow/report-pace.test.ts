import { describe, expect, it } from "vitest";

import type { TargetRollout } from "#core/rollout-types.ts";
import { progressOf } from "#core/stream-rollout.ts";
import { whatToTell, type Reported } from "#flow/report-pace.ts";

const start = Date.parse("2026-03-02T12:00:00Z");

function progress(states: readonly TargetRollout[], trouble: string | null = null) {
  const targets = states.map((state, index) => ({
    tenant: `tenant-${index}`,
    application: `tenant-${index}-dev`,
    state,
    sentence: "",
    detail: null,
    since: new Date(start),
  }));
  return progressOf(targets, { trouble, deadline: new Date(start + 900_000) });
}

/** Seconds after the start at which something was told, when every second another target becomes healthy. */
function toldWhile(seconds: number, at: (second: number) => ReturnType<typeof progress>) {
  const told: { second: number; trouble: boolean }[] = [];
  let reported: Reported | null = null;
  for (let second = 0; second <= seconds; second += 1) {
    const tell = whatToTell(at(second), reported, start + second * 1000);
    if (tell === null) continue;
    reported = tell.reported;
    told.push({ second, trouble: tell.trouble });
  }
  return told;
}

function healthy(count: number): readonly TargetRollout[] {
  return Array.from({ length: 1000 }, (_, index) => (index < count ? "healthy" : "progressing"));
}

describe("what is told of a rollout", () => {
  it("is told at once, then ever more rarely, so that 15 minutes cost two edits", () => {
    expect(toldWhile(900, (second) => progress(healthy(second)))).toEqual([
      { second: 0, trouble: true },
      { second: 30, trouble: false },
      { second: 210, trouble: false },
    ]);
  });

  it("is not told again while nothing changes", () => {
    expect(toldWhile(900, () => progress(["progressing"]))).toHaveLength(1);
  });

  it("tells soon that new pods do not start, and once", () => {
    const told = toldWhile(600, (second) => {
      const { targets, ...rest } = progress(["progressing"]);
      return {
        ...rest,
        targets: targets.map((one) => (second < 20 ? one : { ...one, stuck: true })),
      };
    });
    expect(told).toEqual([
      { second: 0, trouble: true },
      { second: 20, trouble: true },
    ]);
  });

  it("is trouble within ten seconds, however long nothing else was to be told", () => {
    const told = toldWhile(120, (second) =>
      progress(healthy(second), second >= 60 ? "Argo CD does not answer." : null),
    );
    expect(told.map(({ second, trouble }) => [second, trouble])).toEqual([
      [0, true],
      [30, false],
      [60, true],
    ]);
  });

  it.for(["blocked", "paused", "degraded", "mismatch"] as const)(
    "is trouble when a target is %s, and when it is not any more",
    (state) => {
      const told = toldWhile(100, (second) =>
        progress([second >= 55 && second < 80 ? state : "progressing"]),
      );
      expect(told).toEqual([
        { second: 0, trouble: true },
        { second: 55, trouble: true },
        { second: 80, trouble: true },
      ]);
    },
  );
});
