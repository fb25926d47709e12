import { describe, expect, it } from "vitest";

import { describeLoad, drivenAgainAt, judgeLoad, loadKey, type LoadFigures } from "#core/load.ts";

import { before, noon } from "../builders.ts";
import { loadFigures } from "./load-figures.ts";

describe("judgeLoad", () => {
  type Bounds = Parameters<typeof judgeLoad>[0];

  it.for<[string, Partial<Bounds>, Partial<LoadFigures>, string | null]>([
    ["no bound is broken", { max: { p95: 0.5 }, min: { successRate: 0.99 } }, {}, null],
    ["a bound is part of what is allowed", { max: { p95: 0.02 } }, {}, null],
    ["a time", { max: { p95: 0.01 } }, {}, "above-maximum: p95 is 0.02 s, above 0.01 s"],
    [
      "success",
      { min: { successRate: 1 } },
      { successRate: 0.99999 },
      "below-minimum: success rate is 99.999%, below 100%",
    ],
    [
      "requests",
      { min: { requestsPerSecond: 2000 } },
      {},
      "below-minimum: requests per second is 1230, below 2000",
    ],
    [
      "memory",
      { max: { memory: 1_048_576 } },
      { memory: 3_145_728 },
      "above-maximum: memory is 3 MiB, above 1 MiB",
    ],
    [
      "nobody measured it",
      { max: { p95: 0.5, cpu: 1 } },
      { cpu: null },
      "not-measured: nobody measured CPU cores",
    ],
    ["nobody measured what has no bound", { max: { p95: 0.5 } }, { cpu: null }, null],
    ["nothing was answered well", {}, { successRate: 0 }, "no-answers: nothing was answered well"],
    [
      "nothing was answered at all",
      {},
      { successRate: null },
      "no-answers: nothing was answered well",
    ],
  ])("%s", ([, bounds, change, expected]) => {
    const breach = judgeLoad({ max: {}, min: {}, ...bounds }, { ...loadFigures, ...change });
    expect(breach === null ? null : `${breach.reason}: ${breach.sentence}`).toBe(expected);
  });
});

it("a table names everything, also what nobody measured", () => {
  expect(describeLoad({ ...loadFigures, cpu: null, pods: null })).toMatchInlineSnapshot(`
    [
      [
        "average",
        "0.008 s",
      ],
      [
        "p50",
        "0.007 s",
      ],
      [
        "p90",
        "0.015 s",
      ],
      [
        "p95",
        "0.02 s",
      ],
      [
        "p99",
        "0.04 s",
      ],
      [
        "maximum",
        "0.123 s",
      ],
      [
        "success rate",
        "99.95%",
      ],
      [
        "requests per second",
        "1230",
      ],
      [
        "CPU cores",
        "not measured",
      ],
      [
        "memory",
        "100 MiB",
      ],
      [
        "network",
        "20 KiB/s",
      ],
      [
        "running pods",
        "not measured",
      ],
      [
        "HTTP failures",
        "3",
      ],
      [
        "network failures",
        "2",
      ],
    ]
  `);
});

it("bounds change no load test, durations do", () => {
  const order = { durationMs: 1000, warmUpMs: 0, connections: 10, paths: ["/"] };
  expect(loadKey({ ...order })).toBe(loadKey(order));
  expect(loadKey({ ...order, durationMs: 2000 })).not.toBe(loadKey(order));
});

describe("a load test whose bounded figure nobody measured", () => {
  const measured = { key: "", environment: "staging", tenant: "a", attempt: 1 };
  const record = { ...measured, at: noon.toISOString(), figures: { ...loadFigures, cpu: null } };
  const bounds = { max: { p95: 0.5, cpu: 1 }, min: { requestsPerSecond: 2 } };

  it.for([
    [1, 5],
    [2, 10],
    [3, 20],
    [6, 120],
    [1000, 120],
  ])("is made again after the %i. time in %i minutes", ([attempt = 0, minutes = 0]) => {
    expect(drivenAgainAt(bounds, { ...record, attempt })).toEqual(before(-minutes));
  });

  it.for<[string, Partial<LoadFigures>]>([
    ["measured", { cpu: 0.5 }],
    ["above its bound", { cpu: 2 }],
    ["not measured, and another is above", { p95: 0.6 }],
    ["not measured, and another is below", { requestsPerSecond: 1 }],
    ["not measured, and nothing was answered", { successRate: 0 }],
  ])("is final once the figure is %s", ([, figures]) => {
    const final = { ...record, figures: { ...record.figures, ...figures } };
    expect(drivenAgainAt(bounds, final)).toBeNull();
  });

  it("is final without that bound", () => {
    expect(drivenAgainAt({ max: { p95: 0.5 }, min: {} }, record)).toBeNull();
  });
});
