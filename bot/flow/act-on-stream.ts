import { renderClosedComment, stickyMarker } from "#core/comment.ts";
import type { StreamPlan } from "#core/plan-types.ts";
import type { Policy } from "#core/policy.ts";
import { renderPullRequest } from "#core/promotion-pull-request.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { leaveQueue } from "./leave-queue.ts";
import { queuedAs } from "./look-at-queue.ts";
import { mergePullRequest } from "./merge-pull-request.ts";
import { rememberPullRequest } from "./observe-pull-requests.ts";
import { openPullRequest } from "./open-pull-request.ts";
import { describe, type PromotionWork } from "./promotion-work.ts";
import { lastRefusal } from "./refused-merge.ts";
import { reportGates } from "./report-gates.ts";
import { reportRefusal, takeRefusalBack } from "./report-refusal.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** Somebody who moves a branch is soon done. */
const movingPause = 5_000;

/** What acting on one stream came to. */
export type Acted =
  | { readonly kind: "done" }
  /** The default branch moved: everything else is planned anew from there. */
  | { readonly kind: "merged" }
  | { readonly kind: "again"; readonly at: Date };

/** Does what the plan says for one stream. Everything here can be repeated. */
export async function actOnStream(
  context: RepositoryContext,
  policy: Policy,
  base: PromotionWork["base"],
  plan: StreamPlan,
  pull: PullRequest | null,
): Promise<Acted> {
  const { promotion } = plan;
  switch (promotion.kind) {
    case "none":
      await takeRefusalBack(context, plan.stream);
      if (pull !== null) await leaveQueue(context, pull);
      if (promotion.close !== null && pull !== null)
        await closePullRequest(context, pull, promotion.sentence);
      return { kind: "done" };
    case "refused":
      if (pull !== null) await leaveQueue(context, pull);
      await reportRefusal(context, policy, base.revision, plan.stream, promotion);
      return { kind: "done" };
    case "promote": {
      const work = { policy, base, stream: plan.stream, planned: promotion, pull, side: null };
      if (promotion.replaces === undefined || pull === null) return promote(context, work);
      const { tag } = promotion.artifact;
      const sentence = `${tag} is due instead, and comes by a pull request of its own, as the policy says (supersede: replace).`;
      if (!(await closePullRequest(context, pull, sentence)))
        return { kind: "again", at: context.now };
      return promote(context, { ...work, pull: null });
    }
  }
}

/**
 * Closes a promotion that has nothing to bring any more, and says why: only people's closing is a veto. False where
 * somebody has ended it meanwhile.
 */
export async function closePullRequest(
  context: RepositoryContext,
  pull: PullRequest,
  sentence: string,
): Promise<boolean> {
  // The list may lag behind: what somebody has merged meanwhile is not Sluice's to close.
  const standing = await context.repository.pullRequest(pull.number);
  if (standing.state !== "open") {
    await rememberPullRequest(context.memory, standing);
    return false;
  }
  if (!(await leaveQueue(context, standing))) return false;
  // Commits of somebody else may stand nowhere but here.
  const ours = (await context.memory.made(standing.headRevision)) !== null;
  await context.memory.setClosedBy(pull.number, context.login);
  await context.conversation.stick(
    pull.number,
    stickyMarker,
    renderClosedComment({ sentence, branchKept: !ours, marker: stickyMarker }),
  );
  const closed = await context.repository.editPullRequest(pull.number, { state: "closed" });
  await rememberPullRequest(context.memory, closed);
  if (ours)
    await context.repository.moveBranch({
      branch: pull.headBranch,
      from: standing.headRevision,
      to: null,
    });
  return true;
}

/** Opens, brings up to date or merges one promotion, whatever it is. */
export async function promote(
  context: RepositoryContext,
  wanted: PromotionWork,
  told: (pull: PullRequest) => Promise<void> = async () => {},
): Promise<Acted> {
  const { planned, pull, side } = wanted;
  // Before its check run says why: GitHub would take it out for that, and call it a failure.
  if (pull !== null && !planned.merge && !(await leaveQueue(context, pull)))
    return { kind: "again", at: new Date(context.now.getTime() + movingPause) };
  const opened = await openPullRequest(context, wanted, async (head, work) => {
    const refused = pull === null ? null : await lastRefusal(context, pull.number, head);
    const queued = pull === null ? null : await queuedAs(context.memory, pull.number, head);
    await reportGates(context, work, head, refused?.sentence ?? null, queued);
  });
  if (opened.kind === "nothing") {
    if (pull !== null)
      await closePullRequest(context, pull, "The default branch holds this already.");
    return { kind: "done" };
  }
  if (opened.kind === "refused") {
    const { reason, sentence } = opened;
    const refusal = { kind: "refused", artifact: planned.artifact, reason, sentence } as const;
    const { policy, base, stream } = wanted;
    await reportRefusal(context, policy, base.revision, stream, refusal, side?.kind);
    if (reason !== "branch-moving") return { kind: "done" };
    return { kind: "again", at: new Date(context.now.getTime() + movingPause) };
  }
  const { work } = opened;
  await takeRefusalBack(context, work.stream, side?.kind);
  if (side?.consent != null && planned.open?.head !== opened.head)
    await context.memory.addConsent(opened.pull.number, { ...side.consent, head: opened.head });
  await told(opened.pull);
  if (!mayMerge(work, opened.head)) {
    await refreshText(context, work, opened.pull);
    return { kind: "done" };
  }
  const merged = await mergePullRequest(context, work, opened.pull, opened.head);
  switch (merged.kind) {
    case "merged":
      return { kind: "merged" };
    case "queued":
      await reportGates(context, work, opened.head, null, merged.sentence);
      return { kind: "again", at: merged.until };
    case "refused":
      if (merged.sentence !== null) await reportGates(context, work, opened.head, merged.sentence);
      return { kind: "again", at: merged.until };
  }
}

/** A consent is for one head: what was rebuilt just now waits for a new one. */
function mayMerge(work: PromotionWork, head: string): boolean {
  const { planned, policy, stream } = work;
  if (!planned.merge) return false;
  // What was asked for, or failed, is not asked for again because its file has changed.
  if (planned.open?.head === head || work.side?.kind === "rollback") return true;
  const merge = policy.environments.find((one) => one.name === stream.environment)?.merge;
  return merge !== "manual" && (planned.open?.consents.length ?? 0) === 0;
}

/** Brings title and body up to date where gates have changed since they were written. */
async function refreshText(
  context: RepositoryContext,
  work: PromotionWork,
  pull: PullRequest,
): Promise<void> {
  const tenants = work.planned.targets
    .filter((one) => one.outcome === "move")
    .map((one) => one.target.tenant)
    .sort();
  const { title, body } = renderPullRequest(describe(context, work, tenants));
  if (work.planned.open?.ownership === "person") return;
  if (pull.title === title && normal(pull.body) === normal(body)) return;
  await rememberPullRequest(
    context.memory,
    await context.repository.editPullRequest(pull.number, { title, body }),
  );
}

/** GitHub may hand text back with other line ends. */
function normal(text: string): string {
  return text.replaceAll("\r\n", "\n").trim();
}
