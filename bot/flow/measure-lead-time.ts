import { sameArtifact } from "#core/artifact.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";

import type { Deps } from "./deps.ts";
import { remember } from "./remember.ts";

/**
 * `lead_time_seconds`: from the first word of an artifact to its first verification in an environment. What came back,
 * or was there before Sluice heard of it, has none.
 */
export async function measureLeadTime(
  deps: Deps,
  assignment: RolloutAssignment,
  verdict: Verdict,
): Promise<void> {
  if (verdict.result !== "verified") return;
  const { stream, repository } = assignment;
  const memory = remember(deps.facts, repository);
  const before = await memory.verdicts(stream);
  if (before.some(({ artifact }) => sameArtifact(artifact, verdict.artifact))) return;
  const heard = (await memory.candidates(stream.service))
    .filter(({ tag }) => tag === verdict.artifact.tag)
    .map(({ seenAt }) => Date.parse(seenAt));
  if (heard.length === 0) return;
  const seconds = (verdict.at.getTime() - Math.min(...heard)) / 1000;
  deps.meter.observe("lead_time_seconds", { environment: stream.environment }, seconds);
}
