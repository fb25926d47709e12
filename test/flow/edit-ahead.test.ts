import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Artifact } from "#core/artifact.ts";
import type { Question, StreamState } from "#core/plan-types.ts";
import { editAhead } from "#flow/edit-ahead.ts";
import { editTargets } from "#flow/edit-targets.ts";
import { observePolicy } from "#flow/observe-policy.ts";
import { observeTargets } from "#flow/observe-targets.ts";

import { demoPolicy, image, valuesFiles } from "../stage/seed.ts";
import { aPlatform } from "./a-platform.ts";

const tenants = Array.from({ length: 40 }, (_, index) => `tenant-${index + 1}`);
const artifact = (tag: string): Artifact => ({
  repository: image,
  tag,
  digest: null,
  revision: null,
});
const old = artifact("sha-0000000");
const fresh = artifact("sha-1111111");
const compare = (to: Artifact): Question => ({ kind: "order", service: "demo-api", from: old, to });
const never = new Promise<never>(() => undefined);

let platform: Awaited<ReturnType<typeof aPlatform>>;
beforeEach(async () => {
  const files = valuesFiles(tenants, old.tag, "");
  const policy = demoPolicy().replace(/\n +digest: .*/, "");
  platform = await aPlatform({ seed: { files: { ".github/sluice.yaml": policy, ...files } } });
});
afterEach(() => platform.close());

async function begin() {
  const context = await platform.context();
  const { revision } = await context.repository.head();
  const observed = await observePolicy(context.repository, revision);
  if (observed.kind !== "policy") throw new Error(`the policy is ${observed.kind}`);
  const { policy } = observed;
  const seen = await observeTargets(context.repository, policy, revision);
  const states = seen.targets.filter(({ target }) => target.environment === "dev");
  const dev: StreamState = {
    stream: { environment: "dev", service: "demo-api", ring: "all" },
    targets: states,
    desired: [
      {
        artifact: old,
        commit: revision,
        broughtAt: platform.now(),
        previous: null,
        mergedAt: null,
        tenants,
      },
    ],
    verdicts: [],
    open: null,
    holds: [],
    vetoes: [],
  };
  const candidates = new Map([["demo-api", [fresh, artifact("sha-2222222")]]]);
  const [service] = policy.services;
  if (service === undefined) throw new Error("no service in the policy");
  return { context, revision, service, dev, input: { policy, streams: [dev], candidates } };
}

describe("editing ahead", () => {
  it("makes the very edits that are made later", async () => {
    const { context, revision, service, dev, input } = await begin();
    await editAhead(context, revision, input, [compare(fresh)], never);
    expect(context.ahead.size).toBe(tenants.length);
    const targets = dev.targets.map(({ target }) => target);
    const read = async (ahead: typeof context.ahead) => {
      const { edits, ...rest } = await editTargets(
        { ...context, ahead },
        service,
        fresh,
        targets,
        revision,
      );
      return { edits: [...edits], ...rest };
    };
    const edited = await read(context.ahead);
    expect(edited).toEqual(await read(new Map()));
    expect(edited.edits).toHaveLength(tenants.length);
  });

  it("takes what was edited ahead", async () => {
    const { context, revision, service, dev, input } = await begin();
    await editAhead(context, revision, input, [compare(fresh)], never);
    for (const key of context.ahead.keys()) context.ahead.set(key, { kind: "edited", text: "x" });
    const targets = dev.targets.map(({ target }) => target);
    const { edits } = await editTargets(context, service, fresh, targets, revision);
    expect(new Set([...edits].map(({ text }) => text))).toEqual(new Set(["x"]));
  });

  it("ends when the answer is there", async () => {
    const { context, revision, input } = await begin();
    await editAhead(
      context,
      revision,
      input,
      [compare(fresh)],
      Promise.reject(new Error("away")).catch(() => undefined),
    );
    expect(context.ahead.size).toBeLessThan(tenants.length);
  });

  it.each([
    ["another artifact is asked about", { asked: artifact("sha-2222222") }],
    ["it is open already", { open: fresh }],
    ["it is there already", { desired: fresh }],
  ])("edits nothing where %s", async (_, { asked = fresh, open = null, desired = null }: Case) => {
    const { context, revision, dev, input } = await begin();
    const pull = open && { number: 1, head: "", tenants, ownership: "sluice" as const };
    const state: StreamState = {
      ...dev,
      open: pull && { ...pull, artifact: fresh, consents: [] },
      desired: dev.desired.map((one) => ({ ...one, artifact: desired ?? one.artifact })),
    };
    await editAhead(context, revision, { ...input, streams: [state] }, [compare(asked)], never);
    expect(context.ahead.size).toBe(0);
  });
});

type Case = { asked?: Artifact; open?: Artifact | null; desired?: Artifact | null };
