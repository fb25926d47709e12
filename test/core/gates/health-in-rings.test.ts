import { expect, it } from "vitest";

import type { GateContext } from "#core/gates/gate-context.ts";
import { liveHealth } from "#core/gates/health.ts";
import { questionKey, type HealthState } from "#core/plan-types.ts";

import {
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  anArtifact,
  before,
} from "../../builders.ts";

const artifact = anArtifact("v2");
const canary = aStream({ environment: "prod", ring: "canary" });
const names = ["a", "b", "c", "d"];

function seen(health: HealthState, bears: number, failures: readonly string[] = []) {
  const targets = names.map((tenant) => aTargetState(aTarget(tenant, canary), artifact));
  const upstream: GateContext["upstream"][number] = {
    kind: "ring",
    name: "prod/canary",
    streams: [aStreamState(canary, targets)],
    maxFailures: new Map([["canary", bears]]),
    verification: { kind: "verified", since: before(60), failures },
  };
  const key = questionKey({ kind: "health", stream: canary, artifact });
  const answers = new Map([[key, { kind: "health", health } as const]]);
  return liveHealth({ artifact, upstream: [upstream], answers }).map(({ kind }) => kind);
}

function unhealthy(tenants: readonly string[], unknown?: string): HealthState {
  const more = unknown === undefined ? {} : { unknown };
  return { kind: "unhealthy", tenants, sentence: "They are degraded.", ...more };
}

it.for<{ bad: string[]; bears: number; failed?: string[]; kind: HealthState["kind"] }>([
  { bad: ["a"], bears: 0, kind: "unhealthy" },
  { bad: ["a"], bears: 1, kind: "healthy" },
  { bad: ["a", "b"], bears: 1, kind: "unhealthy" },
  { bad: ["a", "b"], bears: 2, kind: "healthy" },
  // Who failed there counts in, once.
  { bad: ["a"], bears: 1, failed: ["b"], kind: "unhealthy" },
  { bad: ["a"], bears: 1, failed: ["a"], kind: "healthy" },
  // Somebody who failed in another ring of the environment does not.
  { bad: ["a"], bears: 1, failed: ["z"], kind: "healthy" },
  // Never all of them.
  { bad: names, bears: 9, kind: "unhealthy" },
])("$bad unhealthy, $failed failed, $bears borne: $kind", ({ bad, bears, failed, kind }) => {
  expect(seen(unhealthy(bad), bears, failed)).toEqual([kind]);
});

it("does not hide what is not known behind what it bears", () => {
  expect(seen(unhealthy(["a"], "Nobody knows c."), 1)).toEqual(["unknown"]);
  expect(seen(unhealthy(["a"], "Nobody knows c."), 0)).toEqual(["unhealthy"]);
});
