import { formatArtifact } from "#core/artifact.ts";
import type { PlannedPromotion } from "#core/plan-types.ts";
import { findService, type Policy } from "#core/policy.ts";
import { sideBranch, streamBranch } from "#core/promotion-branch.ts";
import { promotionId } from "#core/promotion-id.ts";
import type { SideKind } from "#core/side-kind.ts";
import type { Stream } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

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

/** The branch of the promotion's one pull request. */
export function branchOf({ stream, side }: PromotionWork): string {
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
      outcome === "refused" || outcome === "stays"
        ? [{ tenant: target.tenant, sentence: sentence ?? "" }]
        : [],
    ),
    gates: planned.gates,
    holds: planned.holds,
    source: findService(policy, stream.service)?.source?.repository ?? null,
    merge: policy.environments.find((one) => one.name === stream.environment)?.merge ?? "manual",
    requestedBy: work.side?.requestedBy ?? null,
    web: work.base.web,
  };
}
