import { renderMergeMessage } from "#core/promotion-pull-request.ts";
import { firstConsent } from "#core/requester.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { enqueuePromotion, type EnqueueOutcome } from "./enqueue-promotion.ts";
import { followMerge } from "./follow-merge.ts";
import { lookAtQueue } from "./look-at-queue.ts";
import { rememberPullRequest } from "./observe-pull-requests.ts";
import { describe, type PromotionWork } from "./promotion-work.ts";
import { rememberRefusal, standingRefusal, type RefusedMerge } from "./refused-merge.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { stillMayMerge } from "./still-may-merge.ts";

export type MergeOutcome =
  | { readonly kind: "merged"; readonly revision: string }
  /** `sentence` of a refusal is null for what usually passes at once. */
  | EnqueueOutcome;

/**
 * Merges exactly the head that the gates were judged on. Where the branch has a merge queue, that is what merges it,
 * whatever the policy says: GitHub takes nothing else there.
 */
export async function mergePullRequest(
  context: RepositoryContext,
  work: PromotionWork,
  pull: PullRequest,
  head: string,
): Promise<MergeOutcome> {
  const standing = await standingRefusal(context, pull.number, head);
  if (standing !== null && !agreedSince(work, head, standing)) return outcomeOf(standing);
  if (!(await stillMayMerge(context, work)))
    return { kind: "refused", sentence: null, until: context.deps.clock.now() };
  if (await isQueued(context, work)) return enqueuePromotion(context, work, pull, head);

  const moving = work.planned.targets.filter((one) => one.outcome === "move");
  const tenants = moving.map((one) => one.target.tenant).sort();
  const consent = firstConsent(work.planned.open?.consents ?? [], head);
  const requestedBy = work.side?.requestedBy ?? consent?.by ?? null;
  const { title, message } = renderMergeMessage({
    ...describe(context, work, tenants),
    requestedBy,
  });
  const result = await context.repository.merge({ number: pull.number, head, title, message });
  switch (result.kind) {
    case "merged":
      await follow(context, work, { ...pull, headRevision: head }, result.revision);
      return { kind: "merged", revision: result.revision };
    case "head-moved": {
      // The list lags behind; once it does not, there is another head to ask for.
      const sentence = "The branch has just moved.";
      const moved = { kind: "not-yet", reason: "head-moved", sentence } as const;
      return outcomeOf(await rememberRefusal(context, pull.number, head, moved));
    }
    case "not-yet":
    case "blocked":
      if (result.reason === "merge-queue")
        return enqueuePromotion(context, work, pull, head, result);
      return outcomeOf(await rememberRefusal(context, pull.number, head, result));
  }
}

/** Whoever writes `/promote` after a refusal wants it tried again. */
function agreedSince({ planned }: PromotionWork, head: string, { at }: RefusedMerge): boolean {
  const consents = planned.open?.consents ?? [];
  return consents.some((consent) => consent.head === head && consent.at > new Date(at));
}

async function isQueued(
  context: RepositoryContext,
  { policy, stream, base }: PromotionWork,
): Promise<boolean> {
  const environment = policy.environments.find(({ name }) => name === stream.environment);
  if (environment?.merge === "queue") return true;
  return (await lookAtQueue(context, base.branch)).kind === "queue";
}

function outcomeOf({ sentence, until }: RefusedMerge): MergeOutcome {
  return { kind: "refused", sentence, until: new Date(until) };
}

async function follow(
  context: RepositoryContext,
  work: PromotionWork,
  pull: PullRequest,
  revision: string,
): Promise<void> {
  const { memory, now, repository } = context;
  const { policy, planned, base } = work;
  await rememberPullRequest(memory, {
    ...pull,
    state: "closed",
    mergedAt: now,
    closedAt: now,
    mergeRevision: revision,
  });
  const sample = planned.targets.find((one) => one.outcome === "move")?.target;
  if (sample !== undefined)
    await memory.setBrought(sample, {
      artifact: planned.artifact,
      commit: revision,
      at: now.toISOString(),
      mergedAt: now.toISOString(),
      watched: true,
      previous: planned.from,
      file: sample.file,
      blob: (await repository.files(revision)).get(sample.file)?.sha ?? "",
      touched: revision,
      head: revision,
    });
  const targets = planned.targets.map((one) => one.target);
  const seen = { policy, targets, head: base.revision };
  await followMerge(context, seen, { pull, revision, at: now }, true);
}
