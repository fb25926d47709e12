import { formatArtifact, sameArtifact, type Artifact } from "#core/artifact.ts";
import { notMeant } from "#core/plan-targets.ts";
import type { PlannedTarget } from "#core/plan-types.ts";
import { findService } from "#core/policy.ts";
import { sideBranch } from "#core/promotion-branch.ts";
import { promotionId } from "#core/promotion-id.ts";
import type { SideKind } from "#core/side-kind.ts";
import { streamKey, type Stream, type TargetState } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { observeOpenPromotion } from "./observe-open-promotion.ts";
import { observePolicy } from "./observe-policy.ts";
import { observeTargets } from "./observe-targets.ts";
import { openPullRequest } from "./open-pull-request.ts";
import { policyToFollow } from "./policy-to-follow.ts";
import { type Promote, type SideWork } from "./promotion-work.ts";
import { reportGates } from "./report-gates.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** One promotion beside a stream's own one that somebody asked for. Plain JSON, as a decision keeps it. */
export type SideRequest = {
  readonly kind: Exclude<SideKind, "catch-up">;
  readonly stream: Stream;
  readonly artifact: Artifact;
  /** Those that move. */
  readonly tenants: readonly string[];
  /** Somebody named tenants: another choice is then another promotion. */
  readonly named: boolean;
  /** By tenant: what it held when this was decided, formatted. Absent: whatever it holds may move. */
  readonly held?: Readonly<Record<string, string>>;
  /** Login of the person who asked. */
  readonly requestedBy: string;
  /** ISO 8601. */
  readonly at: string;
};

export type RequestOutcome =
  | { readonly kind: "open"; readonly pull: PullRequest; readonly head: string }
  /** Every tenant that was meant holds it. */
  | { readonly kind: "nothing" }
  | { readonly kind: "refused"; readonly reason: string; readonly sentence: string };

/**
 * Opens the pull request of a promotion that somebody asked for, or finds it, and keeps their consent with its head:
 * in the memory and in its `sluice/gates`. From there on it stands on GitHub, and every reconcile sees to it.
 */
export async function requestSidePromotion(
  context: RepositoryContext,
  request: SideRequest,
): Promise<RequestOutcome> {
  const { repository, memory, login } = context;
  const { kind, stream, requestedBy } = request;
  const base = await repository.head();
  const observed = await observePolicy(repository, base.revision);
  const policy =
    observed.kind === "absent" ? null : await policyToFollow(context, base.revision, observed);
  const service = policy === null ? undefined : findService(policy, stream.service);
  if (policy === null || service === undefined)
    return {
      kind: "refused",
      reason: "no-stream",
      sentence: `The policy has no ${stream.service}.`,
    };
  const all = await observeTargets(repository, policy, base.revision);
  const own = all.targets.filter(
    ({ target, stays }) => streamKey(target) === streamKey(stream) && stays === undefined,
  );
  const id = idOf(context, request);
  const branch = sideBranch(kind, stream, id);
  const pulls = await repository.pullRequestsOf(branch);
  const pull = pulls.find(({ state, author }) => state === "open" && author === login) ?? null;
  const targets = own.map(({ target }) => target);
  const open =
    pull === null
      ? null
      : await observeOpenPromotion(repository, memory, { pull, service, targets, login });
  const consent = { by: requestedBy, at: new Date(request.at) };
  const side: SideWork = { kind, id, requestedBy, consent };
  const planned = plannedFor(request, own, open);
  const work = { policy, stream, planned, base, pull, side };
  const opened = await openPullRequest(context, work, (head, settled) =>
    reportGates(context, settled, head, null),
  );
  if (opened.kind === "nothing") {
    // A job that is tried again finds what it had opened merged.
    const merged = pulls.find((one) => one.author === login && isMergedSince(one, consent.at));
    return merged === undefined
      ? opened
      : { kind: "open", pull: merged, head: merged.headRevision };
  }
  if (opened.kind !== "open") return opened;
  await memory.addConsent(opened.pull.number, { ...consent, head: opened.head });
  return { kind: "open", pull: opened.pull, head: opened.head };
}

function isMergedSince({ mergedAt, createdAt }: PullRequest, at: Date): boolean {
  return mergedAt !== null && createdAt.getTime() >= at.getTime();
}

function idOf(context: RepositoryContext, request: SideRequest): string {
  const { kind, stream, artifact, tenants, named } = request;
  const side = { kind, tenants: named ? tenants : null };
  return promotionId({ repository: context.job.repository, ...stream, artifact, side });
}

/** The gates are judged by the next reconcile. */
function plannedFor(
  { kind, artifact, tenants, held: decided }: SideRequest,
  own: readonly TargetState[],
  open: Promote["open"],
): Promote {
  // A job that is tried again must not take back what has come since somebody decided.
  const since = new Set(
    own.flatMap(({ target: { tenant }, desired }) => {
      const then = decided?.[tenant];
      if (then === undefined || desired.kind === "refused") return [];
      return formatArtifact(desired.artifact) === then ? [] : [tenant];
    }),
  );
  const meant = new Set(tenants.filter((tenant) => !since.has(tenant)));
  const targets = own.map(({ target, desired }): PlannedTarget => {
    if (desired.kind === "refused")
      return { target, outcome: "refused", sentence: desired.refusal.sentence };
    return meant.has(target.tenant) && !sameArtifact(desired.artifact, artifact)
      ? { target, outcome: "move", sentence: null }
      : { target, ...notMeant(desired.artifact, artifact) };
  });
  const held = own.find(({ target }) => meant.has(target.tenant))?.desired;
  const from = held?.kind === "artifact" && held.artifact.tag !== "" ? held.artifact : null;
  const back = kind === "rollback";
  const sentence = back ? "A rollback waits for no gate." : "Sluice is looking at its gates.";
  const state = back ? "ready" : "waiting";
  return {
    kind: "promote",
    artifact,
    from,
    targets,
    gates: [],
    state,
    sentence,
    merge: false,
    open,
    holds: [],
  };
}
