import { formatArtifact } from "#core/artifact.ts";
import { onNewHead } from "#core/plan-promotion.ts";
import type { PlannedPromotion } from "#core/plan-types.ts";
import { findService, type Policy } from "#core/policy.ts";
import { sideBranch, streamBranch } from "#core/promotion-branch.ts";
import { promotionId } from "#core/promotion-id.ts";
import { renderCommitMessage, renderPullRequest } from "#core/promotion-pull-request.ts";
import type { SideKind } from "#core/side-kind.ts";
import type { Stream, Target } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { editTargets, type EditedTargets } from "./edit-targets.ts";
import { rememberPullRequest } from "./observe-pull-requests.ts";
import { branchTaken, placeBranch } from "./place-branch.ts";
import type { MadeFact } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";

export type Promote = Extract<PlannedPromotion, { kind: "promote" }>;

/** One promotion on its way into a stream, at one head of the default branch. */
export type PromotionWork = {
  readonly policy: Policy;
  readonly stream: Stream;
  readonly planned: Promote;
  readonly base: { readonly branch: string; readonly revision: string; readonly web: string };
  readonly pull: PullRequest | null;
  /** What it is beside the stream's own promotion; null: that very one. */
  readonly side: SideWork | null;
};

/** A promotion beside the stream's own one. */
export type SideWork = {
  readonly kind: SideKind;
  /** The promotion's id, which its branch ends in. */
  readonly id: string;
  /** Login of the person who asked for it; null: the policy did. */
  readonly requestedBy: string | null;
  /** Whose word every head of it carries, however often it is rebuilt; null: each head needs its own. */
  readonly consent: { readonly by: string; readonly at: Date } | null;
};

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

type Left = NonNullable<MadeFact["left"]>;

/** Tenants that should move and do not, each with what keeps its file from being edited. */
function leftOf(edited: EditedTargets, moving: readonly Target[]): Left {
  const moved = new Set(edited.moved.map(({ tenant }) => tenant));
  return moving
    .filter(({ tenant }) => !moved.has(tenant))
    .map(({ tenant, file }) => {
      const reasons = edited.refusals.filter((refusal) => refusal.file === file);
      const sentence = reasons.map((refusal) => refusal.sentence).join(" ");
      return { tenant, sentence: sentence === "" ? `${file} needs no change.` : sentence };
    });
}

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

/** What is known of the open head while it says exactly what the plan wants, on files that the base left alone since. */
async function currentOf(
  context: RepositoryContext,
  work: PromotionWork,
  moving: readonly Target[],
): Promise<MadeFact | null> {
  const { planned, base } = work;
  const made = planned.open === null ? null : await context.memory.made(planned.open.head);
  if (made === null || made.promotionId !== idOf(context, work)) return null;
  const left = new Set(made.left?.map(({ tenant }) => tenant));
  const known = [...made.tenants, ...left].sort();
  const tenants = moving.map((target) => target.tenant).sort();
  if (known.join() !== tenants.join()) return null;
  const files = await context.repository.files(base.revision);
  const untouched = moving.every(
    ({ file, tenant }) => left.has(tenant) || files.get(file)?.sha === made.before[file],
  );
  return untouched ? made : null;
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

/** The branch of the promotion's one pull request. */
function branchOf({ stream, side }: PromotionWork): string {
  return side === null ? streamBranch(stream) : sideBranch(side.kind, stream, side.id);
}

type Named = Pick<PromotionWork, "stream" | "planned" | "side">;

/** The promotion's id: the same on every worker, at every time. */
export function idOf(context: RepositoryContext, work: Named): string {
  if (work.side !== null) return work.side.id;
  return promotionId({
    repository: context.job.repository,
    ...work.stream,
    artifact: work.planned.artifact,
  });
}

/** The fields by which a promotion is found in the log. */
export function logFields(context: RepositoryContext, work: Named) {
  return {
    promotion_id: idOf(context, work),
    ...work.stream,
    ...(work.side === null ? {} : { side: work.side.kind }),
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
    side: work.side?.kind ?? null,
    artifact: planned.artifact,
    from: planned.from,
    tenants,
    untouched: planned.targets.flatMap(({ target, outcome, sentence }) =>
      outcome === "refused" ? [{ tenant: target.tenant, sentence: sentence ?? "" }] : [],
    ),
    gates: planned.gates,
    holds: planned.holds,
    source: findService(policy, stream.service)?.source?.repository ?? null,
    merge: policy.environments.find((one) => one.name === stream.environment)?.merge ?? "manual",
    requestedBy: work.side?.requestedBy ?? null,
    web: work.base.web,
  };
}
