import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { steadyWarning } from "#adapters/bullmq/steady-warning.ts";
import type { Log } from "#ports/log.ts";

describe("a steady warning", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is said once in ten seconds, with what it left out", () => {
    const said: [string, object][] = [];
    const write =
      (level: string) =>
      (fields: object): void =>
        void said.push([level, fields]);
    const log: Log = {
      debug: write("debug"),
      info: write("info"),
      warn: write("warn"),
      error: write("error"),
      child: () => log,
    };
    const warn = steadyWarning(log, "trouble");
    const error = new Error("ECONNREFUSED");
    for (let n = 0; n < 5; n += 1) {
      warn(error, { queue: "reconcile" });
      vi.advanceTimersByTime(2_500);
    }
    expect(said.map(([level]) => level)).toEqual(["warn", "debug", "debug", "debug", "warn"]);
    expect(said[0]?.[1]).toEqual({ queue: "reconcile", err: error, unsaid: 0 });
    expect(said[4]?.[1]).toEqual({ queue: "reconcile", err: error, unsaid: 3 });
  });
});
