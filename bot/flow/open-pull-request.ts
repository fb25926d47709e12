import { onNewHead } from "#core/plan-promotion.ts";
import { findService } from "#core/policy.ts";
import { renderCommitMessage, renderPullRequest } from "#core/promotion-pull-request.ts";
import type { Target } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { editTargets, type EditedTargets } from "./edit-targets.ts";
import { leaveQueue } from "./leave-queue.ts";
import { rememberPullRequest } from "./observe-pull-requests.ts";
import { currentOf, leftOf, type Left } from "./own-commit.ts";
import { branchTaken, placeBranch } from "./place-branch.ts";
import { branchOf, describe, idOf, logFields, type PromotionWork } from "./promotion-work.ts";
import type { RepositoryContext } from "./repository-context.ts";

export type OpenOutcome =
  | {
      readonly kind: "open";
      readonly pull: PullRequest;
      readonly head: string;
      /** The work as it came out: without the tenants whose files must not be edited. */
      readonly work: PromotionWork;
    }
  /** The default branch holds it already. */
  | { readonly kind: "nothing" }
  /** Somebody's work is in the way; nothing was overwritten. */
  | { readonly kind: "refused"; readonly reason: string; readonly sentence: string };

/**
 * Brings the promotion's one pull request to where the plan wants it: opens it, rebuilds its one commit, or leaves it
 * alone. It is rebuilt only when a file that it touches changed on the base, or when targets or artifact changed.
 *
 * `whenCommitted` runs beside the ref and the pull request, as soon as the commit exists: the check run needs no more.
 */
export async function openPullRequest(
  context: RepositoryContext,
  work: PromotionWork,
  whenCommitted: (head: string, work: PromotionWork) => Promise<void>,
): Promise<OpenOutcome> {
  const { planned, pull } = work;
  const moving = planned.targets.filter((one) => one.outcome === "move").map((one) => one.target);
  if (pull !== null) {
    // Somebody else's pull request from the stream's own branch: nothing on it is ours to move.
    if (planned.open === null) return branchTaken(branchOf(work));
    const theirs = planned.open.ownership === "person";
    const current = theirs ? null : await currentOf(context, work, moving);
    if (theirs || current !== null) {
      const settled = without(work, current?.left ?? []);
      await whenCommitted(pull.headRevision, settled);
      return { kind: "open", pull, head: pull.headRevision, work: settled };
    }
  }
  if (pull !== null && !(await leaveQueue(context, pull))) return beingMerged;
  const service = findService(work.policy, work.stream.service);
  if (service === undefined) throw new Error(`no service ${work.stream.service} in the policy`);
  const edited = await editTargets(context, service, planned.artifact, moving, work.base.revision);
  const made = await makeCommit(context, work, edited, moving);
  if (made === null) return nothingToEdit(edited);
  const { head, settled } = made;
  const fresh = { ...settled, planned: onNewHead(settled.planned, head) };
  const [outcome] = await Promise.all([
    publish(context, fresh, head, edited),
    whenCommitted(head, fresh),
  ]);
  return outcome;
}

const beingMerged: OpenOutcome = {
  kind: "refused",
  reason: "branch-moving",
  sentence: "GitHub's merge queue is merging it just now; Sluice looks again shortly.",
};

/** The work without these tenants: they are named as refused. */
function without(work: PromotionWork, left: Left): PromotionWork {
  const reasons = new Map(left.map(({ tenant, sentence }) => [tenant, sentence]));
  const targets = work.planned.targets.map((one) => {
    const sentence = one.outcome === "move" ? reasons.get(one.target.tenant) : undefined;
    return sentence === undefined ? one : { ...one, outcome: "refused" as const, sentence };
  });
  return { ...work, planned: { ...work.planned, targets } };
}

/** Nobody's file could be edited: either all of them hold the artifact, or none may be touched. */
function nothingToEdit(edited: EditedTargets): OpenOutcome {
  const [first] = edited.refusals;
  if (first === undefined) return { kind: "nothing" };
  return { kind: "refused", reason: "values-refused", sentence: first.sentence };
}

/** Null when no file was edited. */
async function makeCommit(
  context: RepositoryContext,
  wanted: PromotionWork,
  edited: EditedTargets,
  moving: readonly Target[],
): Promise<{ head: string; settled: PromotionWork } | null> {
  // Who moves is known once every file has been edited.
  const movedTenants = () => edited.moved.map((target) => target.tenant).sort();
  const commit = await context.repository.createCommit({
    parent: wanted.base.revision,
    edits: edited.edits,
    message: () => {
      const work = without(wanted, leftOf(edited, moving));
      return renderCommitMessage(describe(context, work, movedTenants()));
    },
  });
  if (commit === null) return null;
  const left = leftOf(edited, moving);
  const work = without(wanted, left);
  const tenants = movedTenants();
  await context.memory.setMade(commit.revision, {
    parent: work.base.revision,
    promotionId: idOf(context, work),
    artifact: work.planned.artifact,
    tenants,
    left,
    before: edited.before,
  });
  return { head: commit.revision, settled: work };
}

async function publish(
  context: RepositoryContext,
  work: PromotionWork,
  head: string,
  edited: EditedTargets,
): Promise<OpenOutcome> {
  const branch = branchOf(work);
  const service = findService(work.policy, work.stream.service);
  const targets = work.planned.targets.map((one) => one.target);
  const from = work.pull?.headRevision ?? null;
  const placed = await placeBranch(context, { branch, from, to: head }, service, targets);
  if (placed.kind === "refused") return placed;
  const tenants = edited.moved.map((target) => target.tenant).sort();
  const { title, body, labels } = renderPullRequest(describe(context, work, tenants));
  if (work.pull !== null) {
    const pull = await context.repository.editPullRequest(work.pull.number, { title, body });
    await rememberPullRequest(context.memory, { ...pull, headRevision: head });
    return { kind: "open", pull, head, work };
  }
  const opened = await context.repository.openPullRequest({
    head: branch,
    base: work.base.branch,
    title,
    body,
  });
  if (opened.kind === "refused") return opened;
  if (opened.kind === "no-difference") {
    await context.repository.moveBranch({ branch, from: head, to: null });
    return { kind: "nothing" };
  }
  await Promise.all([
    rememberPullRequest(context.memory, opened.pull),
    context.repository.addLabels(opened.pull.number, labels),
  ]);
  context.deps.meter.count("promotions_total", {
    environment: work.stream.environment,
    result: "opened",
  });
  context.log.info(
    {
      ...logFields(context, work),
      pull: opened.pull.number,
      url: opened.pull.url,
      targets: tenants.length,
    },
    "promotion opened",
  );
  return { kind: "open", pull: opened.pull, head, work };
}
