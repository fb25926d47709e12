import type { PullRequest } from "#ports/github-things.ts";

import { lookAtQueue, lookAtQueueAgain, setQueued } from "./look-at-queue.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Takes out of the merge queue what Sluice put in, before its head moves, or when it may not be merged any more. What a
 * person put in is theirs. False where GitHub is merging it just now: then nothing else may be done to it.
 */
export async function leaveQueue(
  context: RepositoryContext,
  pull: Pick<PullRequest, "number" | "baseBranch">,
): Promise<boolean> {
  const look = await lookAtQueue(context, pull.baseBranch);
  if (look.kind !== "queue") return true;
  const entry = look.entries.find(({ number }) => number === pull.number);
  if (entry === undefined || entry.by !== context.login) return true;
  const result = await context.repository.mergeQueues.dequeue(pull.number);
  lookAtQueueAgain(context);
  if (result.kind === "refused") {
    context.log.warn({ pull: pull.number, why: result.sentence }, "merge queue not left");
    return false;
  }
  await setQueued(context.memory, pull.number, null);
  context.log.info({ pull: pull.number }, "merge queue left");
  return true;
}
