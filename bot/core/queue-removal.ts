import { formatMoment } from "./words.ts";

/** A pull request left the merge queue of its base without being merged. */
export type QueueRemoval = {
  readonly at: Date;
  /** Login of whoever took it out: `github-merge-queue[bot]` for the queue itself. Null where GitHub does not say. */
  readonly by: string | null;
  /** GitHub's word for it: `CI_FAILURE`. */
  readonly reason: string;
};

/** Why something is not put into the queue again now; `until` is null where it takes a person. */
export type QueuePause = { readonly sentence: string; readonly until: Date | null };

/** The queue's own name on github.com. */
const queueLogin = "github-merge-queue[bot]";
/** What failed once may fail again, and each try costs everybody's checks: 5 minutes, doubled each time up to 2 hours. */
const firstPauseMs = 5 * 60_000;
const longestPauseMs = 2 * 60 * 60_000;

/**
 * May a head be put into the queue again? What a person took out stays out; what the queue let go waits longer and
 * longer. Null: it may.
 *
 * @param own the App's login: what Sluice took out itself, it may put in again.
 * @param since when the head was made, or somebody wrote `/promote` for it: what was before that does not count.
 */
export function pauseAfterRemovals(
  removals: readonly QueueRemoval[],
  { own, since, now }: { own: string; since: Date; now: Date },
): QueuePause | null {
  const counted = removals.filter(({ by, at }) => by !== own && at >= since);
  const last = counted.at(-1);
  if (last === undefined) return null;
  if (last.by !== null && last.by !== queueLogin) {
    const sentence = `${last.by} took it out of the merge queue. Put it in again there, or write /promote.`;
    return { sentence, until: null };
  }
  const times = counted.filter(({ by }) => by === null || by === queueLogin).length;
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (times - 1));
  const until = new Date(last.at.getTime() + pause);
  if (until <= now) return null;
  const sentence =
    `GitHub took it out of the merge queue: ${wordsOf(last.reason)}. ` +
    `Sluice puts it in again at ${formatMoment(until)}; /promote does so at once.`;
  return { sentence, until };
}

function wordsOf(reason: string): string {
  const known = words[reason.toUpperCase()];
  return known ?? reason.toLowerCase().replaceAll("_", " ");
}

const words: Readonly<Record<string, string>> = {
  CI_FAILURE: "a required check failed on the merge group",
  FAILED_CHECKS: "a required check failed on the merge group",
  CI_TIMEOUT: "a required check did not end in time on the merge group",
  MERGE_CONFLICT: "it conflicts with what is before it in the queue",
  BRANCH_PROTECTIONS: "what the branch's rules ask for is not there any more",
  QUEUE_CLEARED: "the queue was cleared",
};
