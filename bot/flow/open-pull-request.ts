import { formatArtifact } from "#core/artifact.ts";
import type { PlannedPromotion } from "#core/plan-types.ts";
import { findService, type Policy } from "#core/policy.ts";
import { promotionId } from "#core/promotion-id.ts";
import {
  renderCommitMessage,
  renderPullRequest,
  streamBranch,
} from "#core/promotion-pull-request.ts";
import type { Stream, Target } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { editTargets, type EditedTargets } from "./edit-targets.ts";
import { recogniseCommit } from "./observe-open-promotion.ts";
import { rememberPullRequest } from "./observe-pull-requests.ts";
import type { RepositoryContext } from "./repository-context.ts";

export type Promote = Extract<PlannedPromotion, { kind: "promote" }>;

/** One promotion on its way into a stream, at one head of the default branch. */
export type PromotionWork = {
  readonly policy: Policy;
  readonly stream: Stream;
  readonly planned: Promote;
  readonly base: { readonly branch: string; readonly revision: string; readonly web: string };
  readonly pull: PullRequest | null;
};

export type OpenOutcome =
  | { readonly kind: "open"; readonly pull: PullRequest; readonly head: string }
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
  whenCommitted: (head: string) => Promise<void>,
): Promise<OpenOutcome> {
  const { planned, pull } = work;
  const moving = planned.targets.filter((one) => one.outcome === "move").map((one) => one.target);
  if (pull !== null) {
    // Somebody else's pull request from the stream's own branch: nothing on it is ours to move.
    if (planned.open === null) return branchTaken(streamBranch(work.stream));
    if (planned.open.ownership === "person" || (await isCurrent(context, work, moving))) {
      await whenCommitted(pull.headRevision);
      return { kind: "open", pull, head: pull.headRevision };
    }
  }
  const service = findService(work.policy, work.stream.service);
  if (service === undefined) throw new Error(`no service ${work.stream.service} in the policy`);
  const { repository } = context;
  const edited = await editTargets(
    repository,
    service,
    planned.artifact,
    moving,
    work.base.revision,
  );
  if (edited.edits.length === 0) return nothingToEdit(edited);

  const head = await makeCommit(context, work, edited, moving);
  const [outcome] = await Promise.all([publish(context, work, head, edited), whenCommitted(head)]);
  return outcome;
}

/** Nobody's file could be edited: either all of them hold the artifact, or none may be touched. */
function nothingToEdit(edited: EditedTargets): OpenOutcome {
  const [first] = edited.refusals;
  if (first === undefined) return { kind: "nothing" };
  return { kind: "refused", reason: "values-refused", sentence: first.sentence };
}

/** Does the open head still say exactly what the plan wants, on files that the base has not touched since? */
async function isCurrent(
  context: RepositoryContext,
  work: PromotionWork,
  moving: readonly Target[],
): Promise<boolean> {
  const { planned, base } = work;
  const made = planned.open === null ? null : await context.memory.made(planned.open.head);
  if (made === null || made.promotionId !== idOf(context, work)) return false;
  const known = [...made.tenants, ...(made.left ?? [])].sort();
  const tenants = moving.map((target) => target.tenant).sort();
  if (known.join() !== tenants.join()) return false;
  const files = await context.repository.files(base.revision);
  return moving.every(
    ({ file, tenant }) =>
      made.left?.includes(tenant) === true || files.get(file)?.sha === made.before[file],
  );
}

async function makeCommit(
  context: RepositoryContext,
  work: PromotionWork,
  edited: EditedTargets,
  moving: readonly Target[],
): Promise<string> {
  const tenants = edited.moved.map((target) => target.tenant).sort();
  const commit = await context.repository.createCommit({
    parent: work.base.revision,
    edits: edited.edits,
    message: renderCommitMessage(describe(context, work, tenants)),
  });
  await context.memory.setMade(commit.revision, {
    parent: work.base.revision,
    promotionId: idOf(context, work),
    artifact: work.planned.artifact,
    tenants,
    left: moving.map((target) => target.tenant).filter((tenant) => !tenants.includes(tenant)),
    before: edited.before,
  });
  return commit.revision;
}

async function publish(
  context: RepositoryContext,
  work: PromotionWork,
  head: string,
  edited: EditedTargets,
): Promise<OpenOutcome> {
  const branch = streamBranch(work.stream);
  const placed = await placeBranch(context, work, head);
  if (placed.kind === "refused") return placed;
  const tenants = edited.moved.map((target) => target.tenant).sort();
  const { title, body, labels } = renderPullRequest(describe(context, work, tenants));
  if (work.pull !== null) {
    const pull = await context.repository.editPullRequest(work.pull.number, { title, body });
    await rememberPullRequest(context.memory, { ...pull, headRevision: head });
    return { kind: "open", pull, head };
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
  return { kind: "open", pull: opened.pull, head };
}

/**
 * Points the stream's branch at the commit. A branch that is in the way is moved only when nothing of anybody else
 * would be lost: its tip is a commit that Sluice made, or is contained in the default branch.
 */
async function placeBranch(
  context: RepositoryContext,
  work: PromotionWork,
  to: string,
): Promise<{ kind: "placed" } | { kind: "refused"; reason: string; sentence: string }> {
  const { repository, memory } = context;
  const branch = streamBranch(work.stream);
  const from = work.pull?.headRevision ?? null;
  const first = await repository.moveBranch({ branch, from, to });
  if (first.kind === "moved") return { kind: "placed" };
  if (first.kind === "refused") return branchRefused(first.sentence);
  const standing = await repository.branch(branch);
  if (standing === to) return { kind: "placed" };
  if (standing !== null && !(await mayMove(standing))) return branchTaken(branch);
  const moved = await repository.moveBranch({ branch, from: standing, to });
  switch (moved.kind) {
    case "moved":
      return { kind: "placed" };
    case "refused":
      return branchRefused(moved.sentence);
    case "changed":
      return {
        kind: "refused",
        reason: "branch-moving",
        sentence: `The branch ${branch} is being moved by somebody else; Sluice looks again shortly.`,
      };
  }

  async function mayMove(revision: string): Promise<boolean> {
    if ((await memory.made(revision)) !== null) return true;
    const head = await repository.head();
    if ((await repository.contains(revision, head.revision)) === "yes") return true;
    const service = findService(work.policy, work.stream.service);
    const targets = work.planned.targets.map((one) => one.target);
    if (service === undefined) return false;
    const login = context.login;
    return (
      (await recogniseCommit(repository, memory, { revision, service, targets, login })) !== null
    );
  }
}

function branchRefused(sentence: string): Extract<OpenOutcome, { kind: "refused" }> {
  return { kind: "refused", reason: "branch-refused", sentence };
}

function branchTaken(branch: string): Extract<OpenOutcome, { kind: "refused" }> {
  return {
    kind: "refused",
    reason: "branch-taken",
    sentence:
      `The branch ${branch} holds commits that Sluice did not make. ` +
      "Move them to another branch and delete this one; Sluice then goes on by itself.",
  };
}

/** The promotion's id: the same on every worker, at every time. */
export function idOf(context: RepositoryContext, work: Pick<PromotionWork, "stream" | "planned">) {
  return promotionId({
    repository: context.job.repository,
    ...work.stream,
    artifact: work.planned.artifact,
  });
}

/** The fields by which a promotion is found in the log. */
export function logFields(
  context: RepositoryContext,
  work: Pick<PromotionWork, "stream" | "planned">,
) {
  return {
    promotion_id: idOf(context, work),
    ...work.stream,
    artifact: formatArtifact(work.planned.artifact),
  };
}

/** What the texts of the promotion are made from. */
export function describe(
  context: RepositoryContext,
  work: PromotionWork,
  tenants: readonly string[],
) {
  const { planned, stream, policy } = work;
  return {
    id: idOf(context, work),
    stream,
    artifact: planned.artifact,
    from: planned.from,
    tenants,
    gates: planned.gates,
    holds: planned.holds,
    source: findService(policy, stream.service)?.source?.repository ?? null,
    merge: policy.environments.find((one) => one.name === stream.environment)?.merge ?? "manual",
    requestedBy: null,
    web: work.base.web,
  };
}
