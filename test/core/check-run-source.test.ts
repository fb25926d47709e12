import { describe, expect, it } from "vitest";

import { renderSourceCheck, type SourceReport } from "#core/check-run-source.ts";
import type { RolloutCounts } from "#core/rollout-outcome.ts";
import type { Verdict } from "#core/verdict.ts";

import { aStream, aVerdict, anArtifact } from "../builders.ts";

const artifact = anArtifact("sha-1a2b3c4");

type Seen = {
  readonly service?: string;
  readonly ring?: string;
  readonly rings?: readonly string[];
  readonly counts?: Partial<RolloutCounts>;
};

function report(result: Verdict["result"] | null, seen: Seen = {}): SourceReport {
  const { service = "demo-api", ring = "all", rings } = seen;
  const { at, ...verdict } = aVerdict(artifact, { result: result ?? "verified" });
  return {
    assignment: {
      stream: aStream({ environment: "prod", service, ring }),
      artifact,
      commit: "c".repeat(40),
      ...(rings === undefined ? {} : { rings }),
    },
    verdict: result === null ? null : { ...verdict, at: at.toISOString() },
    counts: {
      total: 2,
      healthy: result === "verified" ? 2 : 0,
      failed: result === "failed" ? 2 : 0,
      blocked: 0,
      underWay: result === null ? 2 : 0,
      ...seen.counts,
    },
  };
}

describe("the source commit's run", () => {
  it.for([
    [["verified", "verified"], "success"],
    [["verified", "superseded"], "cancelled"],
    [["verified", null], null],
    [["superseded", null], null],
    [[null, "timed-out"], "timed_out"],
    [["timed-out", "failed", null], "failure"],
  ] as const)("of %j is %s: the worst wins", ([results, conclusion]) => {
    const reports = results.map((result, index) => report(result, { service: `s${index}` }));
    const rendered = renderSourceCheck({ environment: "prod", reports });
    expect(rendered.conclusion).toBe(conclusion);
    expect(rendered.status).toBe(conclusion === null ? "in_progress" : "completed");
  });

  it("is never a success over nothing", () => {
    expect(renderSourceCheck({ environment: "prod", reports: [] }).conclusion).toBeNull();
  });

  it("shows every service and ring, whatever order they come in", () => {
    const reports = [report(null, { service: "web" }), report("verified", { service: "api" })];
    const one = renderSourceCheck({ environment: "prod", reports });
    expect(renderSourceCheck({ environment: "prod", reports: reports.toReversed() })).toEqual(one);
    expect(one.summary).toMatchInlineSnapshot(`
      "| Service | Ring | Artifact | Healthy | Not healthy | Under way | State |
      | --- | --- | --- | --- | --- | --- | --- |
      | \`api\` | \`all\` | \`sha-1a2b3c4\` | 2 of 2 | 0 | 0 | healthy for all 2 tenants |
      | \`web\` | \`all\` | \`sha-1a2b3c4\` | 0 of 2 | 0 | 2 | 0 of 2 tenants healthy |

      **Next:** nothing to do; Sluice is watching."
    `);
  });
});

describe("over several rings", () => {
  const rings = ["one", "two", "three"];
  const upTo = (...results: readonly (Verdict["result"] | null)[]) =>
    renderSourceCheck({
      environment: "prod",
      reports: results
        .map((result, index) => report(result, { ring: rings[index] ?? "", rings }))
        .toReversed(),
    });

  it.for([
    [["verified", "verified", "verified"], "success"],
    // One ring is not the environment.
    [["verified"], "neutral"],
    [["verified", "verified"], "neutral"],
    [["verified", null], null],
    [["verified", "failed"], "failure"],
    [["failed"], "failure"],
  ] as const)("%j is %s", ([results, conclusion]) => {
    expect(upTo(...results).conclusion).toBe(conclusion);
  });

  it("names what is there and what is still to come, in the order of the rings", () => {
    const { title, summary } = upTo("verified");
    expect(title).toMatchInlineSnapshot(`"prod: healthy for all 2 tenants, 2 rings still to come"`);
    expect(summary).toMatchInlineSnapshot(`
      "| Service | Ring | Artifact | Healthy | Not healthy | Under way | State |
      | --- | --- | --- | --- | --- | --- | --- |
      | \`demo-api\` | \`one\` | \`sha-1a2b3c4\` | 2 of 2 | 0 | 0 | healthy for all 2 tenants |
      | \`demo-api\` | \`two\` |  |  |  |  | not there yet |
      | \`demo-api\` | \`three\` |  |  |  |  | not there yet |

      **Next:** the other rings follow in order, each by a pull request of its own; a new run of this check then says how they are."
    `);
  });
});
