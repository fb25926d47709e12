import type { Artifact } from "./artifact.ts";
import type { PlanContext } from "./plan-context.ts";
import type { OpenSide, PlannedPromotion, PlannedSide } from "./plan-types.ts";

/** The stream as it looks to a promotion beside its own one. */
export function within(context: PlanContext, { open }: Pick<OpenSide, "open">): PlanContext {
  return { ...context, state: { ...context.state, open } };
}

/** Whom its commit moves and should move; where somebody else's commit hides that, everybody. */
export function tenantsOf({ state }: PlanContext, { open }: OpenSide): ReadonlySet<string> {
  const own = [...open.tenants, ...(open.left ?? [])];
  return new Set(own.length > 0 ? own : state.targets.map(({ target }) => target.tenant));
}

export function planned(side: OpenSide, promotion: PlannedPromotion): PlannedSide {
  const { kind, open } = side;
  const requestedBy = open.requestedBy ?? null;
  return { kind, number: open.number, requestedBy, failed: null, promotion };
}

/** Closes what has nothing to bring any more, unless somebody works on it. */
export function obsolete({ open }: Pick<OpenSide, "open">, sentence: string): PlannedPromotion {
  const close = open.ownership === "sluice" ? open.number : null;
  return { kind: "none", reason: "obsolete", sentence, close };
}

export function movesNothing({ tag }: Artifact): string {
  return `${tag} moves nothing here any more: every tenant that was meant holds it, or something newer.`;
}
