import * as fc from "fast-check";

import type { Artifact } from "#core/artifact.ts";
import type { PlanInput, StreamState } from "#core/plan-types.ts";

import { aPlanInput, anArtifact, anEnvironment, aPolicy, aRing } from "../builders.ts";
import type { Oracle } from "../oracle.ts";
import { byNumber } from "../oracle.ts";
import { parseStream } from "./plan-situation.ts";

/** Any situation of three environments, two of them with rings, and two tenants in each ring, and what is so in it. */
export type World = { readonly input: PlanInput; readonly oracle: Oracle };

const tag = fc.constantFrom("v1", "v2", "v3", "v4", "v5", "v2x");
const minutes = fc.constantFrom(0, 1, 5, 9, 10, 11, 30, 59, 60, 61, 200);

const place = fc.oneof(
  { weight: 6, arbitrary: tag },
  { weight: 3, arbitrary: fc.tuple(tag, tag).map(([a, b]) => `a:${a} b:${b}`) },
  { weight: 1, arbitrary: tag.map((held) => `a:${held} b:?`) },
  { weight: 1, arbitrary: fc.constantFrom("-", "?") },
);
const result = fc.constantFrom("ok", "ok", "ok", "failed", "timed-out", "superseded");
const own = fc.option(
  fc.tuple(result, minutes).map(([ended, at]) => `${ended}@${at}`),
  { nil: "", freq: 5 },
);
const older = fc
  .uniqueArray(fc.tuple(tag, result, minutes), { maxLength: 3, selector: ([one]) => one })
  .map((entries) => entries.map(([one, ended, at]) => `+${one}=${ended}@${at}`).join(" "));
const open = fc.option(
  fc
    .tuple(
      tag,
      fc.constantFrom("", "", "", "!"),
      fc.constantFrom("", "/promote", "/promote-before"),
    )
    .map(([one, person, consent]) => `pr=${one}${person} ${consent}`),
  { nil: "" },
);
const stop = fc.option(
  fc.oneof(
    fc.constantFrom("hold", "back"),
    tag.map((one) => `hold=${one}`),
    tag.map((one) => `veto=${one}`),
  ),
  { nil: "", freq: 3 },
);
const again = fc.option(fc.constant("again"), { nil: "", freq: 6 });
const apart = fc.option(fc.constantFrom("pinned=b", "pinned", "borne=a", "borne=b"), {
  nil: "",
  freq: 4,
});
const line = fc.tuple(place, own, older, open, stop, again, apart).map((words) => words.join(" "));
const supersede = fc.constantFrom("update", "update", "queue", "replace");
const bears = fc.constantFrom(0, 0, 1, 2);

/** One choice for each artifact, the same every time it is asked. */
function byTag<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<(artifact: Artifact) => Value> {
  return fc.tuple(value, value, value, value, value, value).map((values) => (artifact) => {
    const index = ["v1", "v2", "v3", "v4", "v5", "v2x"].indexOf(artifact.tag);
    return values[index] ?? values[0];
  });
}

const oracle: fc.Arbitrary<Oracle> = fc
  .tuple(
    byTag(fc.constantFrom("eligible", "eligible", "eligible", "refused", "unknown")),
    byTag(fc.constantFrom("success", "success", "pending", "failure", "missing")),
    byTag(fc.constantFrom("healthy", "healthy", "unhealthy", "unknown")),
  )
  .map(([eligibility, check, health]) => ({
    order: byNumber,
    eligible: (artifact) => {
      const kind = eligibility(artifact);
      return kind === "eligible" ? { kind } : { kind, reason: "reason", sentence: "Sentence." };
    },
    checks: (artifact) => check(artifact),
    health: (_, artifact) => {
      const kind = health(artifact);
      if (kind === "healthy") return { kind };
      return { kind, tenants: ["a"], sentence: "Sentence." };
    },
  }));

export const arbitraryWorld: fc.Arbitrary<World> = fc
  .record({
    dev: line,
    early: line,
    staging: line,
    canary: line,
    rest: line,
    published: fc.uniqueArray(tag),
    merge: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom("auto", "manual"))),
    withChecks: fc.boolean(),
    deployers: fc.constantFrom(["default"], ["default"], ["default"], []),
    supersede,
    bears,
    oracle,
  })
  .map((drawn) => {
    const { dev, early, staging, canary, rest, published, merge, withChecks } = drawn;
    const { deployers, oracle: known } = drawn;
    const streams: StreamState[] = [
      parseStream("dev", dev),
      parseStream("staging", early, "early"),
      parseStream("staging", staging, "late"),
      parseStream("prod", canary, "canary"),
      parseStream("prod", rest, "rest"),
    ];
    const gates = withChecks ? ([{ kind: "checks", names: ["test"] }] as const) : [];
    const policy = aPolicy({
      environments: [
        anEnvironment("dev", { merge: merge[0] as "auto", gates, supersede: drawn.supersede }),
        anEnvironment("staging", {
          merge: merge[1] as "auto",
          gates: [{ kind: "soak", forMs: 600_000 }, ...gates],
          rings: [aRing("early", { maxFailures: drawn.bears }), aRing("late")],
        }),
        anEnvironment("prod", {
          merge: merge[2] as "auto",
          gates: [{ kind: "soak", forMs: 3_600_000 }],
          supersede: drawn.supersede,
          rings: [aRing("canary"), aRing("rest", { soakMs: 1_800_000 })],
        }),
      ],
    });
    const candidates = new Map([["demo-api", published.map((one) => anArtifact(one))]]);
    // The tag with a letter is admitted here, so that incomparable builds travel as well.
    const services = policy.services.map((service) => ({ ...service, match: /^v\d+x?$/ }));
    const input = aPlanInput(streams, {
      policy: { ...policy, services },
      candidates,
      deployers,
    });
    return { input, oracle: known };
  });
