import { formatArtifact } from "#core/artifact.ts";
import { mergeMarker, renderMergedDifferently } from "#core/comment.ts";
import { findService, type Policy } from "#core/policy.ts";
import { parsePromotionBranch } from "#core/promotion-branch.ts";
import { parseTrailers } from "#core/promotion-pull-request.ts";
import { streamKey, type Stream, type Target } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { differenceOfMerge } from "./compare-merge.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** A promotion that is merged, by whomever. */
export type MergedPromotion = {
  readonly pull: PullRequest;
  readonly revision: string;
  readonly at: Date;
};

/**
 * What follows from a promotion's merge, once, whoever made it: what it left is compared, its branch goes, and it is
 * counted. May be broken off anywhere and begun again.
 *
 * @param seen the policy, every target and the head of the default branch.
 * @param fresh false while the past is only being found out again: nothing is counted then.
 */
export async function followMerge(
  context: RepositoryContext,
  seen: { policy: Policy; targets: readonly Target[]; head: string },
  merged: MergedPromotion,
  fresh: boolean,
): Promise<void> {
  const { memory, repository } = context;
  const { pull, revision } = merged;
  if (await memory.finished(pull.number)) return;
  const stream = parsePromotionBranch(pull.headBranch)?.stream ?? null;
  const service = stream === null ? undefined : findService(seen.policy, stream.service);
  if (stream !== null && service !== undefined) {
    const targets = seen.targets.filter((target) => streamKey(target) === streamKey(stream));
    const merge = { pull, revision, service, targets };
    const difference = await differenceOfMerge(context, merge, seen.head);
    if (difference !== null) await hold(context, stream, merged, difference);
  }
  await repository.moveBranch({ branch: pull.headBranch, from: pull.headRevision, to: null });
  await memory.setFinished(pull.number);
  if (fresh && stream !== null) await count(context, stream, merged);
}

/** No promotion may be open that could say it: the merged one does. */
async function hold(
  context: RepositoryContext,
  stream: Stream,
  { pull, at }: MergedPromotion,
  sentence: string,
): Promise<void> {
  await context.memory.setMergedDifferently(stream, at, sentence);
  const body = renderMergedDifferently({ sentence, marker: mergeMarker });
  await context.conversation.stick(pull.number, mergeMarker, body);
}

async function count(
  context: RepositoryContext,
  stream: Stream,
  { pull, revision, at }: MergedPromotion,
): Promise<void> {
  const { meter } = context.deps;
  const { environment } = stream;
  meter.count("promotions_total", { environment, result: "merged" });
  const seconds = (at.getTime() - pull.createdAt.getTime()) / 1000;
  meter.observe("promotion_stage_seconds", { environment, stage: "gates" }, seconds);
  const made = await context.memory.made(pull.headRevision);
  const { message } = await context.repository.commit(pull.headRevision);
  const trailers = parseTrailers(message);
  const artifact = made?.artifact ?? trailers?.artifact;
  context.log.info(
    {
      promotion_id: made?.promotionId ?? trailers?.promotionId,
      ...stream,
      artifact: artifact === undefined ? undefined : formatArtifact(artifact),
      pull: pull.number,
      revision,
      targets: made?.tenants.length,
    },
    "promotion merged",
  );
}
