import { renderGroupCheck, type GroupMember, type GroupVerdict } from "#core/check-run-group.ts";
import { Fault } from "#core/error.ts";
import type { PlannedPromotion } from "#core/plan-types.ts";
import type { QueueEntry } from "#ports/merge-queue.ts";

import { leaveQueue } from "./leave-queue.ts";
import { lookAtQueue, otherQueues } from "./look-at-queue.ts";
import type { Planned } from "./plan-repository.ts";
import { isNoPromotion } from "./report-other-pull-requests.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** People wait behind what a run has just opened or moved, milliseconds. */
const unknownPause = 5000;

/**
 * Answers `sluice/gates` on the commit of every merge group, whoever put its pull requests into the queue: the check may
 * be required there. A group holds everything that is before it in the queue, too. It is answered anew in every run, so
 * no message has to arrive, and what stops passing its gates fails before it is merged.
 */
export async function answerMergeGroups(
  context: RepositoryContext,
  planned: Planned,
): Promise<void> {
  const { head, paused } = planned;
  if (paused)
    for (const { number } of await entriesOf(context, head.branch))
      await leaveQueue(context, { number, baseBranch: head.branch });
  const entries = await entriesOf(context, head.branch);
  await answer(context, entries, async (entry) => verdictOf(context, planned, entry));
  for (const branch of await otherQueues(context.memory)) {
    const other = await context.repository.mergeQueues.look(branch);
    // Promotions go to the default branch: whatever is in this queue is none.
    const none = async (): Promise<GroupVerdict> => ({ kind: "not-a-promotion" });
    await answer(context, other.kind === "queue" ? other.entries : [], none);
  }
}

async function entriesOf(
  context: RepositoryContext,
  branch: string,
): Promise<readonly QueueEntry[]> {
  const look = await lookAtQueue(context, branch);
  return look.kind === "queue" ? look.entries : [];
}

async function answer(
  context: RepositoryContext,
  entries: readonly QueueEntry[],
  judge: (entry: QueueEntry) => Promise<GroupVerdict | null>,
): Promise<void> {
  const members: GroupMember[] = [];
  for (const entry of entries) {
    const verdict = await judge(entry);
    if (verdict === null) {
      // Every group behind it contains it: the next run answers them all.
      const soon = new Date(context.deps.clock.now().getTime() + unknownPause);
      await context.deps.queue.addWake(context.job, soon);
      return;
    }
    members.push({ number: entry.number, verdict });
    if (entry.group === null) continue;
    try {
      await context.checkRuns.report({
        ...renderGroupCheck(members),
        revision: entry.group,
        name: "sluice/gates",
        externalId: "merge-group",
      });
    } catch (error) {
      // The group is gone meanwhile, and its commit with it.
      if (!(error instanceof Fault) || error.code !== "github.refused") throw error;
      context.log.warn({ pull: entry.number, error: error.message }, "merge group not answered");
    }
  }
}

/** Null: this very run has opened or moved it, so that the plan does not know it yet; the next one answers. */
async function verdictOf(
  context: RepositoryContext,
  planned: Planned,
  { number, head }: QueueEntry,
): Promise<GroupVerdict | null> {
  const listed = planned.pulls.find((one) => one.number === number && one.headRevision === head);
  // The list lags behind: a head that it does not have need not be a new one.
  const pull = listed ?? (await context.repository.pullRequest(number));
  if (isNoPromotion(context.login, planned.states, pull)) return { kind: "not-a-promotion" };
  const promotion = promotionOf(planned, number);
  const isJudged = promotion?.kind === "promote" && promotion.open?.head === head;
  if (pull.headRevision !== head || (listed === undefined && !isJudged)) return null;
  if (planned.paused) return held("The policy is broken: promotions wait until it is mended.");
  if (promotion === null) return held("It is no promotion that should be merged now.");
  if (promotion.kind !== "promote" || promotion.state !== "ready") return held(promotion.sentence);
  return promotion.open?.head === head
    ? { kind: "passed" }
    : held("Its branch has moved since its gates were judged.");
}

function held(sentence: string): GroupVerdict {
  return { kind: "held", sentence };
}

function promotionOf({ plan }: Planned, number: number): PlannedPromotion | null {
  for (const { promotion, sides } of plan.streams) {
    if (promotion.kind === "promote" && promotion.open?.number === number) return promotion;
    if (promotion.kind === "none" && promotion.close === number) return promotion;
    const side = sides.find((one) => one.number === number);
    if (side !== undefined) return side.promotion;
  }
  return null;
}
