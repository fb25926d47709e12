import { sameArtifact } from "#core/artifact.ts";
import type { Stream } from "#core/target.ts";

import type { Retry } from "./command-decision.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { retryNote } from "./start-rollouts.ts";

/** GitHub's clock is not ours, and it gives times in whole seconds. Milliseconds. */
export const clocksDiffer = 10_000;

/**
 * The failed verdict of what a stream last rolled out, as somebody saw it who asked for another try at that time. Null
 * where the last rollout had not failed by then: a verdict that came later is never meant.
 */
export async function findRetry(
  context: RepositoryContext,
  stream: Stream,
  askedAt: Date,
): Promise<Retry | null> {
  const [last] = await context.memory.verdicts(stream);
  if (last === undefined) return null;
  if (last.result === "verified" && (last.failures ?? []).length === 0) return null;
  if (last.at.getTime() > askedAt.getTime() + clocksDiffer) return null;
  const { artifact, commit } = last;
  const at = context.now.toISOString();
  return { stream, artifact, commit, judgedAt: last.at.toISOString(), at };
}

/** Forgets that verdict, so that the next reconcile judges the rollout again. Done twice, it is done once. */
export async function retryRollout(context: RepositoryContext, retry: Retry): Promise<void> {
  const { stream, artifact, commit, judgedAt, at } = retry;
  const verdicts = await context.memory.verdicts(stream);
  const meant = verdicts.find(
    (one) =>
      one.commit === commit &&
      one.at.toISOString() === judgedAt &&
      sameArtifact(one.artifact, artifact),
  );
  if (meant !== undefined) {
    await context.memory.set(retryNote(stream, retry), { at });
    await context.memory.dropVerdict(stream, meant);
  }
  await context.deps.queue.addReconcile(context.job);
}
