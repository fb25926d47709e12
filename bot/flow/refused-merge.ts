import type { MergeResult } from "#ports/gitops-repo.ts";

import type { Memory } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** GitHub did not merge this very head. Times are ISO 8601. */
export type RefusedMerge = {
  readonly head: string;
  /** When the run began that asked. */
  readonly at: string;
  /** Not asked again before, unless an event tells that something changed. */
  readonly until: string;
  /** How often in a row, without anything having changed. */
  readonly tries: number;
  /** What GitHub said; null for what usually passes at once. */
  readonly sentence: string | null;
};

/** What only a person can change, and the longest pause between two tries. */
const longestPause = 60_000;
const firstPause = 3_000;

/** What GitHub said when this head was last to be merged; null when it did not refuse. */
export async function lastRefusal(
  context: RepositoryContext,
  number: number,
  head: string,
): Promise<RefusedMerge | null> {
  const refused = await context.memory.get<RefusedMerge>(refusalNote(number));
  return refused?.head === head ? refused : null;
}

/** The last refusal, while it is too early to ask again: nothing has changed since, and its pause is not over. */
export async function standingRefusal(
  context: RepositoryContext,
  number: number,
  head: string,
): Promise<RefusedMerge | null> {
  const refused = await lastRefusal(context, number, head);
  if (refused === null || context.now >= new Date(refused.until)) return null;
  return (await hasNewsSince(context.memory, refused)) ? null : refused;
}

/**
 * Remembers a refusal, and how long to leave it at that: what should pass by itself is asked less and less often.
 *
 * @param until where it is known when it may be asked again.
 */
export async function rememberRefusal(
  context: RepositoryContext,
  number: number,
  head: string,
  result: Extract<MergeResult, { kind: "not-yet" | "blocked" }>,
  until: Date | null = null,
): Promise<RefusedMerge> {
  const { memory, now } = context;
  const last = await lastRefusal(context, number, head);
  const again = last !== null && !(await hasNewsSince(memory, last));
  const tries = again ? last.tries + 1 : 1;
  const passes = result.kind === "not-yet" || result.reason === "checks-pending";
  const pause = passes ? Math.min(longestPause, firstPause * 2 ** (tries - 1)) : longestPause;
  const refused: RefusedMerge = {
    head,
    at: now.toISOString(),
    until: (until ?? new Date(now.getTime() + pause)).toISOString(),
    tries,
    sentence: result.kind === "not-yet" && tries === 1 ? null : result.sentence,
  };
  await memory.set(refusalNote(number), refused);
  return refused;
}

/** A review, a check or a status of this commit may have changed what GitHub says. */
export async function noteNews(memory: Memory, revision: string, at: Date): Promise<void> {
  await memory.set(newsNote(revision), { at: at.toISOString() });
}

async function hasNewsSince(memory: Memory, refused: RefusedMerge): Promise<boolean> {
  const news = await memory.get<{ at: string }>(newsNote(refused.head));
  return news !== null && news.at >= refused.at;
}

function refusalNote(number: number): string {
  return `merge-refused/${number}`;
}

function newsNote(revision: string): string {
  return `news/${revision}`;
}
