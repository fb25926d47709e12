import { afterEach, expect, it } from "vitest";

import type { Policy } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-branch.ts";
import { findBringer } from "#flow/find-bringer.ts";
import { remember } from "#flow/remember.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { aSimulatedGitHub, type Simulated } from "../adapters/github/a-simulated-github.ts";
import { memoryFacts } from "../adapters/github/support.ts";
import { anArtifact, aService, aStream, aTarget } from "../builders.ts";

let simulated: Simulated | null = null;
afterEach(async () => {
  const ended = simulated;
  simulated = null;
  await ended?.close();
});

const service: Policy["services"][number] = aService();
const file = "gitops/tenants/a/dev.yaml";
const sample = { ...aTarget("a", aStream()), file };

async function aHistory() {
  const world = await aSimulatedGitHub();
  simulated = world;
  const { repo, github } = world;
  const memory = remember(memoryFacts(), "acme/platform");
  async function push(files: Record<string, string>): Promise<string> {
    const { sha } = await github.act.push({ repository: "acme/platform", user: "rita", files });
    return sha;
  }
  return {
    world,
    push,
    tag: (tag: string, more = "") => push({ [file]: `image:\n  tag: ${tag}\n${more}` }),
    look: async (tag: string, pulls: readonly PullRequest[] = []) => {
      const { revision: head } = await repo.head();
      await repo.files(head);
      world.asked();
      const parent = async () => (await repo.commit(head)).parents[0] ?? null;
      const artifact = { ...anArtifact(tag), revision: null };
      const question = { service, sample, artifact, head, parent, pulls };
      const found = await findBringer(repo, memory, question);
      return { ...found, reads: world.asked() };
    },
  };
}

it("finds what came back by another commit, however often", async () => {
  const { look, tag } = await aHistory();
  await look("v1");
  const to = await tag("v2");
  expect(await look("v2")).toMatchObject({ commit: to, previous: { tag: "v1" } });
  const back = await tag("v1");
  expect(await look("v1")).toMatchObject({ commit: back, previous: { tag: "v2" } });
  const again = await tag("v2");
  expect(await look("v2")).toMatchObject({ commit: again, previous: { tag: "v1" } });
});

it("finds it also when nobody looked in between", async () => {
  const { look, tag } = await aHistory();
  const first = await tag("v2");
  expect((await look("v2")).commit).toBe(first);
  await tag("v1");
  const again = await tag("v2");
  expect(await look("v2")).toMatchObject({ commit: again, previous: { tag: "v1" } });
});

it("reads nothing on the same head, one commit on the next, and a history after a jump", async () => {
  const { look, tag, push } = await aHistory();
  const first = await tag("v2");
  await look("v2");
  expect(await look("v2")).toMatchObject({ commit: first, reads: [] });
  await push({ "README.md": "one\n" });
  const next = await look("v2");
  expect(next).toMatchObject({ commit: first, previous: { tag: "v1" } });
  expect(next.reads).toEqual(["GET /repos/{owner}/{repo}/commits/{ref}"]);
  await push({ "README.md": "two\n" });
  await push({ "README.md": "three\n" });
  const jump = await look("v2");
  expect(jump).toMatchObject({ commit: first, previous: { tag: "v1" } });

  expect(jump.reads).toEqual([
    "GET /repos/{owner}/{repo}/commits/{ref}",
    "GET /repos/{owner}/{repo}/commits",
  ]);
});

it("stays the same when only the file around the scalar changed, for longer than one look reaches", async () => {
  const { look, tag } = await aHistory();
  const first = await tag("v2");
  await look("v2");
  for (let index = 0; index < 25; index += 1) {
    await tag("v2", `replicas: ${index}\n`);
    if (index % 5 === 0) await look("v2");
  }
  expect(await look("v2")).toMatchObject({ commit: first, previous: { tag: "v1" } });
});

it("names the merge and its time, but not one from before Sluice's first promotion there", async () => {
  const { look, tag } = await aHistory();
  const head = await tag("v2");
  const pull = {
    headBranch: "revert-1",
    headRevision: head,
    mergeRevision: "f".repeat(40),
    mergedAt: new Date("2026-11-21T10:00:00Z"),
    createdAt: new Date("2026-11-21T09:00:00Z"),
    sameRepository: true,
  } as PullRequest;
  const merged = { commit: pull.mergeRevision, at: "2026-11-21T10:00:00.000Z" };
  expect(await look("v2", [pull])).toMatchObject({ ...merged, mergedAt: null });
  const own = { ...pull, headBranch: streamBranch(sample), mergeRevision: null, headRevision: "" };
  expect(await look("v2", [pull, own])).toMatchObject({
    ...merged,
    mergedAt: merged.at,
    reads: [],
  });
  // It is known also when GitHub's list is too long to keep it.
  expect(await look("v2", [own])).toMatchObject({ ...merged, mergedAt: merged.at, reads: [] });
});

it("tells what came after Sluice's first promotion there from what was there before, pushed or merged", async () => {
  const { look, tag } = await aHistory();
  const sha = await tag("v2");
  expect(await look("v2")).toMatchObject({ commit: sha, watched: false });
  const own = (createdAt: Date) =>
    ({
      headBranch: streamBranch(sample),
      headRevision: "",
      mergeRevision: null,
      mergedAt: null,
      createdAt,
      sameRepository: true,
    }) as PullRequest;
  const later = own(new Date(Date.now() + 60_000));
  expect(await look("v2", [later])).toMatchObject({ commit: sha, watched: false });
  const earlier = own(new Date("2020-01-01T00:00:00Z"));
  expect(await look("v2", [earlier])).toMatchObject({ mergedAt: null, watched: true });
  // It stays so when GitHub's list is too long to keep that promotion.
  expect(await look("v2")).toMatchObject({ watched: true });
  await tag("v1");
  expect(await look("v1", [later])).toMatchObject({ watched: false });
});
