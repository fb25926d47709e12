import { afterEach, describe, expect, it } from "vitest";

import type { Artifact } from "#core/artifact.ts";
import { findCandidates } from "#flow/find-candidates.ts";
import { openRepository } from "#flow/repository-context.ts";
import type { Registry } from "#ports/registry.ts";

import { aPolicy, aService } from "../builders.ts";
import { aPlatform, jobContext } from "./a-platform.ts";

let platform: Awaited<ReturnType<typeof aPlatform>> | undefined;
afterEach(async () => {
  await platform?.close();
});

const source = { repository: "acme/platform", branch: "main", workflow: null };
const service = aService({ source, match: /^.+$/ });
const unreadable = async () =>
  ({ kind: "unreadable", reason: "refused", sentence: "It may not be read." }) as const;

/** What is believed of a hook's word, where the registry answers so. */
async function believed(
  hint: (head: string) => { tag: string; revision?: string },
  resolve: Registry["resolve"] = unreadable,
): Promise<{ readonly found: readonly Artifact[]; readonly head: string }> {
  platform = await aPlatform();
  const { deps, job, repo } = platform;
  const registry = { ...deps.registry, resolve };
  const context = await openRepository({ ...deps, registry }, job, jobContext);
  const { revision: head } = await repo.head();
  await context.memory.addCandidate(service.name, {
    revision: null,
    ...hint(head),
    digest: null,
    seenAt: context.now.toISOString(),
    publishedAt: null,
    witness: "hook",
  });
  const found = await findCandidates(context, aPolicy({ services: [service] }), []);
  return { found: found.get(service.name) ?? [], head };
}

describe("a hint, where the registry cannot be read", () => {
  it.for([
    ["the revision that it states", (head: string) => ({ tag: "v1", revision: head })],
    ["the commit that its tag names", (head: string) => ({ tag: `sha-${head.slice(0, 7)}` })],
  ] as const)("is confirmed by %s", async ([, hint]) => {
    const { found, head } = await believed(hint);
    expect(found).toMatchObject([{ ...hint(head), revision: head }]);
  });

  it.for([
    ["states a revision that is not there", () => ({ tag: "v1", revision: "0".repeat(40) })],
    [
      "states another one than its tag",
      (head: string) => ({ tag: `sha-${head.slice(0, 7)}`, revision: "0".repeat(40) }),
    ],
    ["names a commit that is not there", () => ({ tag: "sha-fffffff" })],
    ["names no commit", () => ({ tag: "v1" })],
    ["is about latest", (head: string) => ({ tag: "latest", revision: head })],
  ] as const)("is not believed when it %s", async ([, hint]) => {
    expect((await believed(hint)).found).toEqual([]);
  });

  it("is not believed when the registry says no", async () => {
    const hint = (head: string) => ({ tag: `sha-${head.slice(0, 7)}` });
    expect((await believed(hint, async () => ({ kind: "absent" }))).found).toEqual([]);
  });
});
