import { pauseAfterRemovals } from "#core/queue-removal.ts";
import type { PullRequest } from "#ports/github-things.ts";
import type { MergeResult } from "#ports/gitops-repo.ts";
import type { QueueEntry } from "#ports/merge-queue.ts";

import { lookAtQueue, lookAtQueueAgain, setQueued } from "./look-at-queue.ts";
import { logFields, type PromotionWork } from "./promotion-work.ts";
import { rememberRefusal } from "./refused-merge.ts";
import type { RepositoryContext } from "./repository-context.ts";

export type EnqueueOutcome =
  | { readonly kind: "queued"; readonly sentence: string; readonly until: Date }
  | { readonly kind: "refused"; readonly sentence: string | null; readonly until: Date };

type Refusal = Extract<MergeResult, { kind: "not-yet" | "blocked" }>;

/** What is in the queue is looked after this often by itself, milliseconds: its gates may close, and no message may come. */
const queuedPause = 30_000;

/**
 * Puts exactly the head that the gates were judged on into GitHub's merge queue, which merges it. What is in it already
 * stays; what a person took out, or what has failed there, is not put in again at once.
 *
 * @param refused what GitHub said when it was to be merged past the queue; null: the policy says that there is one.
 */
export async function enqueuePromotion(
  context: RepositoryContext,
  work: PromotionWork,
  pull: PullRequest,
  head: string,
  refused: Refusal | null = null,
): Promise<EnqueueOutcome> {
  const { login: own, now } = context;
  const { mergeQueues } = context.repository;
  const { branch } = work.base;
  if (refused !== null) lookAtQueueAgain(context);
  const look = await lookAtQueue(context, branch, true);
  if (look.kind === "none") return refuse(refused ?? noQueue(branch));
  if (look.kind === "unreadable")
    return refuse({ kind: "blocked", reason: "queue-unreadable", sentence: look.sentence });
  const entry = look.entries.find(({ number }) => number === pull.number);
  if (entry?.head === head) return queued(entry);

  const place = await mergeQueues.place(pull.number);
  const since = await lastWord(context, work, head);
  const pause = place.queued ? null : pauseAfterRemovals(place.removals, { own, since, now });
  if (pause !== null) {
    const { sentence, until } = pause;
    return refuse({ kind: "blocked", reason: "left-the-queue", sentence }, until);
  }
  // Whatever is before it in the queue would be built on what is to be taken back.
  const jump = work.side?.kind === "rollback";
  const result = await mergeQueues.enqueue({ number: pull.number, head, jump });
  lookAtQueueAgain(context);
  if (result.kind === "head-moved")
    return refuse({ kind: "not-yet", reason: result.kind, sentence: "The branch has just moved." });
  if (result.kind !== "queued") return refuse(result);
  context.log.info({ ...logFields(context, work), pull: pull.number }, "promotion queued");
  return queued(null);

  async function queued(found: QueueEntry | null): Promise<EnqueueOutcome> {
    const sentence = sentenceOf(context, work, found);
    await setQueued(context.memory, pull.number, { head, sentence });
    return { kind: "queued", sentence, until: new Date(now.getTime() + queuedPause) };
  }

  async function refuse(refusal: Refusal, until: Date | null = null): Promise<EnqueueOutcome> {
    await setQueued(context.memory, pull.number, null);
    const remembered = await rememberRefusal(context, pull.number, head, refusal, until);
    return {
      kind: "refused",
      sentence: remembered.sentence,
      until: new Date(remembered.until),
    };
  }
}

/** What happened to the pull request before this head was made, or agreed to, counts no more. */
async function lastWord(
  { repository }: RepositoryContext,
  { planned, side }: PromotionWork,
  head: string,
): Promise<Date> {
  const consents = (planned.open?.consents ?? []).filter((consent) => consent.head === head);
  const times = [...consents, ...(side?.consent == null ? [] : [side.consent])];
  const made = (await repository.commit(head)).at;
  return new Date(Math.max(made.getTime(), ...times.map(({ at }) => at.getTime())));
}

function noQueue(branch: string): Refusal {
  const sentence =
    `The policy says "merge: queue", and ${branch} has no merge queue. ` +
    'Require one in the rules of that branch, or write "merge: auto".';
  return { kind: "blocked", reason: "no-merge-queue", sentence };
}

function sentenceOf(
  { login }: RepositoryContext,
  { policy, stream, base }: PromotionWork,
  entry: QueueEntry | null,
): string {
  const merged = "it is merged once the checks of its merge group have passed.";
  if (entry !== null && entry.by !== null && entry.by !== login)
    return `${entry.by} put it into the merge queue of ${base.branch}: ${merged}`;
  const merge = policy.environments.find(({ name }) => name === stream.environment)?.merge;
  return merge === "queue"
    ? `The merge queue of ${base.branch} has it: ${merged}`
    : `${base.branch} has a merge queue, so Sluice put it there instead of merging it itself ("merge: ${merge}"): ${merged}`;
}
