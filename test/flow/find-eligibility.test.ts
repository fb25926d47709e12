import { expect, it } from "vitest";

import type { Artifact } from "#core/artifact.ts";
import { findEligibility } from "#flow/find-eligibility.ts";
import { remember, type CandidateFact } from "#flow/remember.ts";
import type { RepositoryContext } from "#flow/repository-context.ts";

import { memoryFacts } from "../adapters/github/support.ts";
import { anArtifact, aService } from "../builders.ts";

/** No file pins a digest, and there is no source to ask. */
const service = aService({ source: null });
const named = (digit: string): Artifact => ({
  ...anArtifact("v2"),
  digest: `sha256:${digit.repeat(64)}`,
});

function word(digit: string, at: string, change: Partial<CandidateFact> = {}): CandidateFact {
  const { tag, digest } = named(digit);
  const seenAt = "2026-11-21T12:00:00Z";
  return { tag, digest, revision: null, seenAt, publishedAt: at, witness: "github", ...change };
}

async function judged(
  words: readonly CandidateFact[],
  promoted: readonly Artifact[],
  artifact: Artifact,
): Promise<string> {
  const memory = remember(memoryFacts(), "acme/platform");
  for (const one of words) await memory.addCandidate(service.name, one);
  for (const one of promoted) await memory.notePromoted(one);
  const context = { memory } as unknown as RepositoryContext;
  const eligibility = await findEligibility(context, [], service, artifact);
  return eligibility.kind === "refused" ? eligibility.reason : eligibility.kind;
}

const first = word("1", "2026-11-21T10:00:00Z");
const moved = word("2", "2026-11-21T11:00:00Z");

it.for([
  { name: "stands as it was promoted", words: [first], artifact: named("1"), is: "eligible" },
  { name: "has moved since", words: [first, moved], artifact: named("2"), is: "digest-moved" },
  {
    name: "has moved since, and its promotion is open",
    words: [first, moved],
    artifact: named("1"),
    is: "digest-moved",
  },
  {
    name: "has moved since, and events are read back newest first",
    words: [moved, first],
    artifact: named("1"),
    is: "digest-moved",
  },
  {
    name: "moved before it was promoted",
    words: [word("0", "2026-11-21T09:00:00Z"), first],
    artifact: named("1"),
    is: "eligible",
  },
  {
    name: "has moved as only a hook says",
    words: [first, { ...moved, witness: "hook" as const }],
    artifact: named("1"),
    is: "eligible",
  },
])("a tag that $name is $is", async ({ words, artifact, is }) => {
  expect(await judged(words, [named("1")], artifact)).toBe(is);
});

it("the first promotion counts, and one without a digest says nothing", async () => {
  const both = [named("1"), named("2")];
  expect(await judged([first, moved], both, named("2"))).toBe("digest-moved");
  expect(await judged([first], [anArtifact("v2")], named("1"))).toBe("eligible");
});
