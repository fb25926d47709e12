import { parseGatesRecord } from "#core/check-run-gates.ts";
import { renderOverrideComment, stickyMarker } from "#core/comment.ts";
import type { Policy } from "#core/policy.ts";
import { parsePromotionBranch } from "#core/promotion-branch.ts";
import { streamKey, type Target } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { closePullRequest } from "./act-on-stream.ts";
import { followMerge } from "./follow-merge.ts";
import { queuedAs } from "./look-at-queue.ts";
import { isSluiceBranch, type ObservedPulls } from "./observe-pull-requests.ts";
import { streamsOf } from "./observe-streams.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Follows up what happened to promotions without Sluice, or before it was killed: a merge (gates that were open are
 * named, the rest is `followMerge`), and a stream that left the policy (its promotion is closed with the reason).
 *
 * @param fresh false while the past is only being found out again.
 */
export async function finishPromotions(
  context: RepositoryContext,
  seen: { policy: Policy; targets: readonly Target[]; head: string; pulls: ObservedPulls },
  fresh: boolean,
): Promise<void> {
  const { policy, pulls } = seen;
  const streams = new Set(streamsOf(policy).map(streamKey));
  const isKnown = (branch: string) => {
    const place = parsePromotionBranch(branch);
    return place !== null && streams.has(streamKey(place.stream));
  };
  const own = pulls.filter((pull) => pull.sameRepository && isSluiceBranch(pull.headBranch));
  const newest = new Map<string, PullRequest>();
  for (const pull of own)
    if (pull.mergeRevision !== null && !newest.has(pull.headBranch))
      newest.set(pull.headBranch, pull);
  await Promise.all([...newest.values()].map((pull) => finishMerged(context, seen, pull, fresh)));
  for (const pull of own)
    if (pull.state === "open" && !isKnown(pull.headBranch) && pull.author === context.login)
      await closePullRequest(
        context,
        pull,
        "The policy no longer has this service, environment or ring, so there is nowhere to promote to.",
      );
}

async function finishMerged(
  context: RepositoryContext,
  seen: { policy: Policy; targets: readonly Target[]; head: string },
  pull: PullRequest,
  fresh: boolean,
): Promise<void> {
  const { memory, conversation, checkRuns } = context;
  if (pull.mergeRevision === null || (await memory.finished(pull.number))) return;
  const runs = await checkRuns.list(pull.headRevision, "sluice/gates");
  const last = runs.filter((run) => run.ours).toSorted((one, other) => other.id - one.id)[0];
  const open = (parseGatesRecord(last?.text ?? "")?.gates ?? []).filter(
    (gate) => gate.status === "pending" || gate.status === "failed",
  );
  const queued = await queuedAs(memory, pull.number, pull.headRevision);
  if (open.length > 0 && queued === null)
    await conversation.stick(
      pull.number,
      stickyMarker,
      renderOverrideComment({ gates: open, marker: stickyMarker }),
    );
  const merged = { pull, revision: pull.mergeRevision, at: pull.mergedAt ?? context.now };
  await followMerge(context, seen, merged, fresh);
}
