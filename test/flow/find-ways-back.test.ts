import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { formatArtifact } from "#core/artifact.ts";
import type { Policy } from "#core/policy.ts";
import { findWaysBack, type SideOrder } from "#flow/find-ways-back.ts";
import { observePolicy } from "#flow/observe-policy.ts";
import type { RepositoryContext } from "#flow/repository-context.ts";
import { requestSidePromotion, type SideRequest } from "#flow/request-side-promotion.ts";

import { aVerdict } from "../builders.ts";
import { demoPolicy, image, platform as repository, valuesFiles } from "../stage/seed.ts";
import { aPlatform } from "./a-platform.ts";

/** The demo's policy, with what one repository alone can answer. */
const written = demoPolicy({ digest: false })
  .replace(/ {4}source:\n(?: {6}.*\n)+/, "")
  .replace('match: "^sha-[0-9a-f]{7,40}$"', 'match: "^1"')
  .replace("order: ancestry", "order: semver");

const stream = { environment: "dev", service: "demo-api", ring: "all" };
const artifact = (tag: string) => ({ repository: image, tag, digest: null, revision: null });
const held = (tag: string) => formatArtifact(artifact(tag));
const fileOf = (tenant: string) => `gitops/tenants/${tenant}/dev.yaml`;
const textOf = (tenant: string, tag: string) =>
  valuesFiles([tenant], tag, "")[fileOf(tenant)] ?? "";

let platform: Awaited<ReturnType<typeof aPlatform>>;
let context: RepositoryContext;
let policy: Policy;

/** a and b hold 1.2.0, c holds 1.1.0; 1.0.0 was verified everywhere before. */
beforeEach(async () => {
  const tenants = ["a", "b", "c"];
  const files = { ".github/sluice.yaml": written, ...valuesFiles(tenants, "1.0.0", "") };
  platform = await aPlatform({ policy: written, seed: { files } });
  const moved = { [fileOf("a")]: textOf("a", "1.2.0"), [fileOf("b")]: textOf("b", "1.2.0") };
  const push = { repository, branch: "main", user: "mona" };
  await platform.github.act.push({
    ...push,
    files: { ...moved, [fileOf("c")]: textOf("c", "1.1.0") },
  });
  context = await platform.context();
  const { revision } = await context.repository.head();
  const observed = await observePolicy(context.repository, revision);
  if (observed.kind !== "policy") throw new Error(observed.kind);
  ({ policy } = observed);
  const at = new Date(platform.now().getTime() - 3_600_000);
  await context.memory.addVerdict(
    stream,
    aVerdict(artifact("1.0.0"), { at, commit: "c", tenants }),
  );
  await context.memory.setRecovered();
});
afterEach(async () => platform.close());

async function ways(change: Partial<SideOrder> = {}): Promise<readonly SideRequest[]> {
  const order = { environment: "dev", service: "demo-api", ring: null, tag: null, tenants: null };
  const asked = { ...order, by: "mona", at: platform.now(), ...change };
  const found = await findWaysBack(context, policy, asked);
  if (found.kind !== "requests") throw new Error(found.sentence);
  return found.requests;
}

describe("a way back", () => {
  it("knows what each who goes back holds now", async () => {
    const [request, ...others] = await ways();
    expect(others).toEqual([]);
    expect(request).toMatchObject({ tenants: ["a", "b", "c"], artifact: { tag: "1.0.0" } });
    expect(request?.held).toEqual({ a: held("1.2.0"), b: held("1.2.0"), c: held("1.1.0") });
  });

  it("says nothing of who stays", async () => {
    const [request] = await ways({ tenants: ["b"] });
    expect(request).toMatchObject({ tenants: ["b"], held: { b: held("1.2.0") } });
    expect(Object.keys(request?.held ?? {})).toEqual(["b"]);
  });

  it("takes nobody back who has moved on since", async () => {
    const [request] = await ways({ tenants: ["a", "c"] });
    if (request === undefined) throw new Error("there is no way back");
    const files = { [fileOf("a")]: textOf("a", "1.3.0") };
    await platform.github.act.push({ repository, branch: "main", user: "mona", files });
    const opened = await requestSidePromotion(context, request);
    if (opened.kind !== "open") throw new Error(opened.kind);
    const { headRevision } = await context.repository.pullRequest(opened.pull.number);
    const moved = await context.repository.files(headRevision);
    const main = await context.repository.files((await context.repository.head()).revision);
    const changed = [...moved.keys()].filter(
      (path) => moved.get(path)?.sha !== main.get(path)?.sha,
    );
    expect(changed).toEqual([fileOf("c")]);
  });
});
