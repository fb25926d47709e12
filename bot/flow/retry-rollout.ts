import type { Artifact } from "#core/artifact.ts";
import type { Stream } from "#core/target.ts";

import type { RepositoryContext } from "./repository-context.ts";
import { retryNote } from "./start-rollouts.ts";

/**
 * Forgets the failed verdict of what a stream last rolled out, so that the next reconcile judges it again. Null where
 * the last rollout did not fail.
 */
export async function retryRollouts(
  context: RepositoryContext,
  stream: Stream,
): Promise<Artifact | null> {
  const [last] = await context.memory.verdicts(stream);
  if (last === undefined || last.result === "verified") return null;
  await context.memory.set(retryNote(stream, last), { at: context.now.toISOString() });
  await context.memory.dropVerdict(stream, last);
  await context.deps.queue.addReconcile(context.job);
  return last.artifact;
}
