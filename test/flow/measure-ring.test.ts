import { afterEach, describe, expect, it } from "vitest";

import type { Measurement } from "#core/measurement.ts";

import { startRolloutBench, type RolloutBench } from "./rollout-bench.ts";

const open: RolloutBench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((bench) => bench.close()));
});

const metrics = [{ name: "error rate", query: "errors", max: 0.05, min: null }];
const nothing: Measurement = {
  kind: "nothing",
  reason: "no-data",
  sentence: "The query finds no data.",
  remedy: "Look at its labels.",
};

/** Numbers one after the other, the last one for ever; null is none. */
async function aBench(...numbers: readonly (number | null)[]) {
  const asked: string[] = [];
  const bench = await startRolloutBench({
    measured: (query) => {
      const number = numbers[Math.min(asked.push(query), numbers.length) - 1] ?? null;
      return number === null ? nothing : { kind: "value", value: number };
    },
  });
  open.push(bench);
  return { bench, asked };
}

describe("a ring with a metric of its own", () => {
  it("is measured once it is healthy, and verified once it is within bounds", async () => {
    const { bench, asked } = await aBench(0.2, 0.2, 0.01);
    await bench.promote("sha-0000002", { metrics });
    const verdict = await bench.run();
    expect(verdict?.result).toBe("verified");
    expect(asked).toEqual(["errors", "errors", "errors"]);
    const waits = bench.reports.flatMap(({ waiting }) => waiting ?? []);
    // Which of the looks is told depends on the pace of reports; both say the same.
    expect(new Set(waits)).toEqual(new Set(["error rate in dev is 0.2, above 0.05."]));
  });

  it("has failed where it is still out of bounds when time is up", async () => {
    const { bench } = await aBench(0.2);
    await bench.promote("sha-0000002", { metrics, timeoutMs: 60_000 });
    const verdict = await bench.run();
    expect(verdict).toMatchObject({
      result: "failed",
      sentence: "error rate in dev is 0.2, above 0.05.",
    });
  });

  it("is uncertain where nobody knows, and corrected by itself", async () => {
    const { bench } = await aBench(null, null, null, null, null, null, null, null, 0.01);
    await bench.promote("sha-0000002", { metrics, timeoutMs: 60_000 });
    await bench.run();
    expect(
      bench.settled.map(({ verdict }) => [verdict.result, verdict.uncertain === true]),
    ).toEqual([
      ["timed-out", true],
      ["verified", false],
    ]);
  });

  it("without one asks nothing", async () => {
    const { bench, asked } = await aBench(0.2);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
    expect(asked).toEqual([]);
  });
});
