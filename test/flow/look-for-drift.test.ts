import { describe, expect, it } from "vitest";

import { Fault } from "#core/error.ts";
import { lookForDrift } from "#flow/look-for-drift.ts";
import type { Planned } from "#flow/plan-repository.ts";
import { remember } from "#flow/remember.ts";
import type { RepositoryContext } from "#flow/repository-context.ts";
import type { Meter } from "#ports/meter.ts";

import { memoryFacts } from "../adapters/github/support.ts";
import {
  anArtifact,
  anEnvironment,
  aPolicy,
  aStream,
  aStreamState,
  aTarget,
  aTargetState,
  aVerdict,
  noon,
} from "../builders.ts";

const [v1, v2] = [anArtifact("v1"), anArtifact("v2")];

function aPlace() {
  const facts = memoryFacts();
  const lists: string[] = [];
  const gauges = new Map<string, number>();
  const meter: Pick<Meter, "set"> = {
    set: (name, labels, value) =>
      void gauges.set([name, ...Object.values(labels)].join(" "), value),
  };
  let now = noon;
  const instance = (name: string) =>
    name === "none"
      ? null
      : {
          applications: async () => {
            lists.push(name);
            if (name === "away")
              throw new Fault("argocd.unavailable", "Away.", { retryable: true });
            const images = ["ghcr.io/acme/demo-api:v1"];
            return Promise.resolve([
              { name: "a-dev", images, deleting: false },
              { name: "a-staging", images, deleting: false },
            ]);
          },
        };
  const context = () =>
    ({
      deps: { facts, meter, deployers: { instance } },
      job: { installation: 1, repository: "acme/platform" },
      memory: remember(facts, "acme/platform"),
      now,
      signal: new AbortController().signal,
    }) as unknown as RepositoryContext;
  const later = (minutes: number) => {
    now = new Date(now.getTime() + minutes * 60_000);
  };
  return { context, later, lists, gauges };
}

function aPlanned(instances: readonly string[]): Planned {
  const names = ["dev", "staging", "prod"];
  const policy = aPolicy({
    environments: names.map((name, index) =>
      anEnvironment(name, { argocd: instances[index] ?? "default" }),
    ),
  });
  const states = names.map((environment) => {
    const artifact = environment === "dev" ? v2 : v1;
    const targets = [aTargetState(aTarget("a", { environment }), artifact)];
    const verdicts = [aVerdict(artifact, { tenants: ["a"] })];
    return aStreamState(aStream({ environment }), targets, { verdicts });
  });
  return { policy, states } as unknown as Planned;
}

describe("drift", () => {
  it("is looked for with one list an Argo CD instance, and not again at once", async () => {
    const { context, later, lists, gauges } = aPlace();
    const planned = aPlanned(["default", "default", "other"]);
    const seen = await lookForDrift(context(), planned);
    expect(lists).toEqual(["default", "other"]);
    expect(Object.fromEntries(seen)).toMatchObject({
      dev: { missing: [], drifted: ["a"] },
      staging: { missing: [], drifted: [] },
      prod: { missing: ["a"], drifted: [] },
    });
    expect(Object.fromEntries(gauges)).toMatchObject({
      "drifted_targets dev drifted": 1,
      "drifted_targets staging drifted": 0,
      "drifted_targets prod missing": 1,
      "lag_seconds dev": 0,
      "lag_seconds staging": 120 * 60,
    });
    expect(await lookForDrift(context(), planned)).toEqual(seen);
    expect(lists).toHaveLength(2);
    later(2);
    await lookForDrift(context(), planned);
    expect(lists).toHaveLength(4);
    expect(gauges.get("lag_seconds staging")).toBe(122 * 60);
  });

  it("is not claimed where there is no Argo CD, or none that answers", async () => {
    const { context } = aPlace();
    const seen = await lookForDrift(context(), aPlanned(["none", "away", "away"]));
    for (const drift of seen.values()) expect(drift).toMatchObject({ missing: [], drifted: [] });
  });
});
