import { sameArtifact } from "./artifact.ts";
import { automaticRollback, type AutomaticRollback } from "./automatic-rollback.ts";
import { movesNothing, obsolete, planned, tenantsOf, within } from "./open-side.ts";
import { planCatchUp } from "./plan-catch-up.ts";
import type { PlanContext } from "./plan-context.ts";
import { present } from "./plan-promotion.ts";
import { freshRollback, openRollback, planRollback } from "./plan-rollback.ts";
import { planTargets } from "./plan-targets.ts";
import type { NoWayBack, OpenSide, PlannedPromotion, PlannedSide } from "./plan-types.ts";

/** Everything that happens in one stream. */
export type PlannedStream = {
  /** The stream's own promotion. */
  readonly own: PlannedPromotion;
  readonly sides: readonly PlannedSide[];
  readonly noWayBack: NoWayBack | null;
};

/**
 * What happens beside the stream's own promotion: rollbacks first, then tenants that catch up, then what people asked
 * for. The own one gives way where it would do no more than a catch-up.
 *
 * @param outstanding a rollout is under way here: nothing but a rollback is merged on top of it.
 */
export function planSides(
  context: PlanContext,
  own: PlannedPromotion,
  outstanding: boolean,
): PlannedStream {
  const open = context.state.sides ?? [];
  const automatic = automaticRollback(context);
  const rollbacks = planRollbacks(context, open, automatic);
  const goingBack = rollbacks.some(({ promotion }) => promotion.kind === "promote");
  const catchUp = planCatchUp(context, own, outstanding, goingBack);
  const subsets = open
    .filter(({ kind }) => kind === "subset")
    .map((side) => planned(side, planSubset(context, side, outstanding)));
  return {
    own: catchUp.own,
    sides: [...rollbacks, ...catchUp.sides, ...subsets],
    noWayBack: automatic.kind === "no-way-back" && rollbacks.length === 0 ? automatic : null,
  };
}

function planRollbacks(
  context: PlanContext,
  open: readonly OpenSide[],
  automatic: AutomaticRollback,
): readonly PlannedSide[] {
  const moves = automatic.kind === "back" ? automatic.moves : [];
  const standing = open.filter(({ kind }) => kind === "rollback");
  const known = standing.map((side) => {
    const { artifact, requestedBy } = side.open;
    const move = moves.find((one) => sameArtifact(one.artifact, artifact));
    if ((requestedBy ?? null) !== null || move === undefined || automatic.kind !== "back")
      return planned(side, planRollback(context, openRollback(context, side), false));
    // Whoever pushed to the branch may have had more in mind than what failed.
    const rollback = { ...openRollback(context, side), tenants: new Set(move.tenants) };
    const { failed } = automatic;
    return { ...planned(side, planRollback(context, rollback, true)), failed };
  });
  // Whoever asked for a rollback has decided; the policy adds nothing to that.
  const asked = standing.some(({ open: { requestedBy = null } }) => requestedBy !== null);
  if (automatic.kind !== "back" || asked) return known;
  const fresh = moves.filter(
    ({ artifact }) => !standing.some((side) => sameArtifact(side.open.artifact, artifact)),
  );
  return [
    ...known,
    ...fresh.map(({ artifact, tenants }) => ({
      kind: "rollback" as const,
      number: null,
      requestedBy: null,
      failed: automatic.failed,
      promotion: planRollback(context, freshRollback(artifact, tenants), true),
    })),
  ];
}

/** Some tenants, because a person asked: the same gates as for all. */
function planSubset(context: PlanContext, side: OpenSide, outstanding: boolean): PlannedPromotion {
  const { open } = side;
  const only = tenantsOf(context, side);
  const targets = planTargets(within(context, side), open.artifact, only);
  if (targets.moving.length === 0) return obsolete(side, movesNothing(open.artifact));
  return present(within(context, side), open.artifact, targets, outstanding);
}
