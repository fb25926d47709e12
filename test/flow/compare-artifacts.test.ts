import { describe, expect, it } from "vitest";

import { compareArtifacts } from "#flow/compare-artifacts.ts";
import { remember, type CandidateFact } from "#flow/remember.ts";
import type { RepositoryContext } from "#flow/repository-context.ts";

import { memoryFacts } from "../adapters/github/support.ts";
import { anArtifact, aPolicy, aService } from "../builders.ts";

const service = aService({ order: "published" });

function word(tag: string, change: Partial<CandidateFact> = {}): CandidateFact {
  const { digest } = anArtifact(tag);
  const said = { seenAt: "2026-11-21T12:00:00Z", publishedAt: null, witness: "github" } as const;
  return { tag, digest, revision: null, ...said, ...change };
}

async function compared(words: readonly CandidateFact[]): Promise<string> {
  const memory = remember(memoryFacts(), "acme/platform");
  for (const one of words) await memory.addCandidate(service.name, one);
  const context = { memory } as unknown as RepositoryContext;
  const [from, to] = [anArtifact("v1"), anArtifact("v2")];
  return (await compareArtifacts(context, aPolicy(), service, from, to)).relation;
}

describe("the order of publishing", () => {
  it("is the registry's, in whatever order Sluice hears of it", async () => {
    const first = word("v1", {
      publishedAt: "2026-11-21T10:00:00Z",
      seenAt: "2026-11-21T12:00:02Z",
    });
    const second = word("v2", {
      publishedAt: "2026-11-21T11:00:00Z",
      seenAt: "2026-11-21T12:00:01Z",
    });
    expect(await compared([second, first])).toBe("newer");
    const later = word("v1", { publishedAt: "2026-11-21T11:30:00Z" });
    expect(await compared([later, second])).toBe("older");
    // The same image, tagged or updated once more, was published when it first was.
    expect(await compared([later, first, second])).toBe("newer");
    expect(await compared([first, later, second])).toBe("newer");
  });

  it("is known also where no file pins the digest", async () => {
    const digest = `sha256:${"1".repeat(64)}`;
    const first = word("v1", { digest, publishedAt: "2026-11-21T10:00:00Z" });
    const second = word("v2", { digest, publishedAt: "2026-11-21T11:00:00Z" });
    expect(await compared([second, first])).toBe("newer");
  });

  it("is not known where the registry does not tell, whenever Sluice heard of it", async () => {
    const first = word("v1", { seenAt: "2026-11-21T09:00:00Z" });
    expect(await compared([first, word("v2")])).toBe("unordered");
    const told = word("v2", { publishedAt: "2026-11-21T11:00:00Z" });
    expect(await compared([first, told])).toBe("unordered");
    const hook = word("v1", { witness: "hook" });
    expect(await compared([hook, told])).toBe("unordered");
  });
});
