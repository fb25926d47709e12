import { describe, expect, it } from "vitest";

import type { MetricPolicy } from "#core/gate-policy.ts";
import type { Measurement } from "#core/measurement.ts";
import { judgeRing, ringMetrics, verdictByNumbers, type RingMetric } from "#core/ring-metrics.ts";

import { anArtifact, anEnvironment, aStream, aVerdict, before, noon } from "../builders.ts";

const stream = aStream({ environment: "prod", ring: "canary" });
const errors: RingMetric = { name: "error rate", query: "errors", max: 0.05, min: null };
const nothing: Measurement = {
  kind: "nothing",
  reason: "no-data",
  sentence: "The query finds no data.",
  remedy: "Look at its labels.",
};

function judge(...values: readonly (number | null)[]) {
  const measured = values.map((value) => ({
    metric: errors,
    measurement: value === null ? nothing : ({ kind: "value", value } as const),
  }));
  return judgeRing(stream, measured);
}

it("takes the metrics over the ring alone, about the tenants of the rollout", () => {
  const metric: MetricPolicy = {
    kind: "metric",
    name: "error rate",
    query: '{e="$environment",s="$service",t=~"$tenants"}',
    max: 0.05,
    min: null,
    over: "ring",
  };
  const gates = [metric, { ...metric, over: "upstream" }] as const;
  expect(ringMetrics(anEnvironment("prod", { gates }), stream, ["b", "a"])).toEqual([
    { ...errors, query: '{e="prod",s="demo-api",t=~"a|b"}' },
  ]);
});

describe("the numbers of a ring", () => {
  it.for([
    [[0.05], "within", undefined],
    [[], "within", undefined],
    [[0.01, 0.06], "outside", "error rate in prod/canary is 0.06, above 0.05."],
    [[null], "unknown", "error rate: The query finds no data. Look at its labels."],
    [[null, 0.06], "outside", "error rate in prod/canary is 0.06, above 0.05."],
    [[0.01, null], "unknown", "error rate: The query finds no data. Look at its labels."],
  ] as const)("%o: %s", ([values, kind, sentence]) => {
    expect(judge(...values)).toEqual(sentence === undefined ? { kind } : { kind, sentence });
  });
});

describe("the verdict", () => {
  const healthy = aVerdict(anArtifact("v2"), { failures: ["b"] });
  const open = { deadline: before(-1), now: noon };
  const over = { deadline: noon, now: noon };

  it("is the healthy one while all are within bounds, also when time is up", () => {
    expect(verdictByNumbers(healthy, judge(0), open)).toBe(healthy);
    expect(verdictByNumbers(healthy, judge(0), over)).toBe(healthy);
  });

  it("waits for whatever is not, as long as there is time", () => {
    expect(verdictByNumbers(healthy, judge(1), open)).toBeNull();
    expect(verdictByNumbers(healthy, judge(null), open)).toBeNull();
  });

  it("is a failure of all where a number is out of bounds when time is up", () => {
    const verdict = verdictByNumbers(healthy, judge(1), over);
    expect(verdict).toMatchObject({
      result: "failed",
      sentence: "error rate in prod/canary is 1, above 0.05.",
    });
    expect(verdict?.failures).toBeUndefined();
  });

  it("is uncertain where nobody knows: the world has not said no", () => {
    expect(verdictByNumbers(healthy, judge(null), over)).toMatchObject({
      result: "timed-out",
      uncertain: true,
    });
  });
});
