import { isSluiceBranch, type ObservedPulls } from "./observe-pull-requests.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** GitHub's answers may lag behind one another for seconds; an older merge that is missing was taken away. Ours. */
const lagMs = 60_000;

/**
 * Does the head that was read hold every promotion that the pull requests show as merged? The head is read first: a
 * merge between the two reads, or an answer that lags, would make the promotion look as if it had never been opened.
 */
export async function sawEveryMerge(
  context: RepositoryContext,
  head: string,
  pulls: ObservedPulls,
): Promise<boolean> {
  const { now, repository, memory } = context;
  for (const { number, headBranch, sameRepository, mergeRevision, mergedAt } of pulls) {
    if (mergeRevision === null || mergedAt === null || !sameRepository) continue;
    if (!isSluiceBranch(headBranch) || now.getTime() - mergedAt.getTime() > lagMs) continue;
    const note = `merge-seen/${number}`;
    if ((await memory.get(note)) !== null) continue;
    const seen =
      mergeRevision === head || (await repository.contains(mergeRevision, head)) === "yes";
    if (!seen) return false;
    await memory.set(note, true);
  }
  return true;
}
