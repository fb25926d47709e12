import { describe, expect, it } from "vitest";

import type { MetricPolicy } from "#core/gate-policy.ts";
import { fillQuery, type Measurement } from "#core/measurement.ts";

import { anEnvironment, before } from "../../builders.ts";
import { aPlaceBefore, judge, show } from "./judge.ts";

function environment(change: Partial<MetricPolicy> = {}) {
  const gate = {
    kind: "metric",
    name: "error rate",
    query: "errors",
    max: 0.05,
    min: null,
    over: "upstream",
  } as const;
  return anEnvironment("prod", { gates: [{ ...gate, ...change }] });
}

function metric(policy: Partial<MetricPolicy>, measurement: Measurement) {
  return judge("metric", { environment: environment(policy) }, { measure: () => measurement });
}

describe("bounds", () => {
  it.for([
    [{ max: 0.05 }, 0.05, "passed within-bounds"],
    [{ max: 0.05 }, 0.0501, "failed above-maximum"],
    [{ max: null, min: 2 }, 2, "passed within-bounds"],
    [{ max: null, min: 2 }, 1.9, "failed below-minimum"],
    [{ max: 3, min: 2 }, 2.5, "passed within-bounds"],
    [{ max: 0, min: null }, -1, "passed within-bounds"],
  ] as const)("%o and %d: %s", ([policy, value, expected]) => {
    expect(show(metric(policy, { kind: "value", value }))).toBe(expected);
  });

  it("never says that a number is above itself", () => {
    const [said] = metric({ max: 0.9 }, { kind: "value", value: 0.90001 });
    expect(said?.sentence).toBe("error rate in staging is 0.90001, above 0.9.");
  });
});

describe("what is no number", () => {
  it.for(["not-configured", "no-data", "not-a-number", "several-series", "query-failed"])(
    "%s is pending with its remedy, and looked at again at the next full minute",
    (reason) => {
      const nothing = { kind: "nothing", reason, sentence: "None.", remedy: "Mend it." } as const;
      expect(metric({}, nothing)).toEqual([
        {
          gate: "metric",
          status: "pending",
          reason,
          sentence: "error rate: None.",
          remedy: "Mend it.",
          again: before(-1),
        },
      ]);
    },
  );
});

describe("what it asks", () => {
  it("fills in what comes before, the ring before rather than the environment", () => {
    const asked: string[] = [];
    const measure = (query: string): Measurement => {
      asked.push(query);
      return { kind: "value", value: 0 };
    };
    const query =
      'rate(e{env="$environment",svc="$service",tenant=~"$tenants",path=~"/a$$"}[5m]) / $unknown';
    const verified = { kind: "verified", since: before(120) } as const;
    const upstream = [aPlaceBefore("staging", verified), aPlaceBefore("prod/canary", verified)];
    judge("metric", { environment: environment({ query }), upstream }, { measure });
    expect(asked).toEqual([
      'rate(e{env="prod",svc="demo-api",tenant=~"a|b",path=~"/a$"}[5m]) / $unknown',
    ]);
  });

  it("nothing where nothing comes before", () => {
    const said = judge("metric", { environment: environment(), upstream: [] });
    expect(show(said)).toBe("skipped first-environment");
  });

  it("does not apply to what is measured after the merge", () => {
    expect(judge("metric", { environment: environment({ over: "ring" }) })).toEqual([]);
  });

  it("several each for itself", () => {
    const gates = [...environment().gates, ...environment({ name: "cpu", query: "cpu" }).gates];
    const said = judge(
      "metric",
      { environment: anEnvironment("prod", { gates }) },
      { measure: (query) => ({ kind: "value", value: query === "cpu" ? 1 : 0 }) },
    );
    expect(show(said)).toBe("passed within-bounds, failed above-maximum");
  });
});

it("a value of a placeholder is never taken for one", () => {
  expect(fillQuery("$a $b", { a: "$b", b: "1" })).toBe("$b 1");
  expect(fillQuery("$constructor", {})).toBe("$constructor");
});
