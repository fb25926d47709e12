import { parseGatesRecord } from "#core/check-run-gates.ts";
import { renderOverrideComment, stickyMarker } from "#core/comment.ts";
import type { Policy } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-pull-request.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { closePullRequest } from "./act-on-stream.ts";
import { isSluiceBranch, type ObservedPulls } from "./observe-pull-requests.ts";
import { streamsOf } from "./observe-streams.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Follows up what happened to promotions without Sluice: a person's merge (its branch goes, gates that were open are
 * named), and a stream that left the policy (its promotion is closed with the reason).
 */
export async function finishPromotions(
  context: RepositoryContext,
  policy: Policy,
  pulls: ObservedPulls,
): Promise<void> {
  const branches = new Set(streamsOf(policy).map(streamBranch));
  const own = pulls.filter((pull) => pull.sameRepository && isSluiceBranch(pull.headBranch));
  const newest = new Map<string, PullRequest>();
  for (const pull of own)
    if (pull.mergeRevision !== null && !newest.has(pull.headBranch))
      newest.set(pull.headBranch, pull);
  await Promise.all([...newest.values()].map((pull) => finishMerged(context, pull)));
  for (const pull of own)
    if (pull.state === "open" && !branches.has(pull.headBranch) && pull.author === context.login)
      await closePullRequest(
        context,
        pull,
        "The policy no longer has this service, environment or ring, so there is nowhere to promote to.",
      );
}

async function finishMerged(context: RepositoryContext, pull: PullRequest): Promise<void> {
  const { memory, repository, conversation, checkRuns } = context;
  if (await memory.finished(pull.number)) return;
  const runs = await checkRuns.list(pull.headRevision, "sluice/gates");
  const last = runs.filter((run) => run.ours).toSorted((one, other) => other.id - one.id)[0];
  const open = (parseGatesRecord(last?.text ?? "")?.gates ?? []).filter(
    (gate) => gate.status === "pending" || gate.status === "failed",
  );
  if (open.length > 0)
    await conversation.stick(
      pull.number,
      stickyMarker,
      renderOverrideComment({ gates: open, marker: stickyMarker }),
    );
  await repository.moveBranch({ branch: pull.headBranch, from: pull.headRevision, to: null });
  await memory.setFinished(pull.number);
}
