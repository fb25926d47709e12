import { sameArtifact } from "./artifact.ts";
import { barOf } from "./bar.ts";
import { findLateTenants, type LateTenants } from "./late-tenants.ts";
import { movesNothing, obsolete, planned, tenantsOf, within } from "./open-side.ts";
import { verifications, type PlanContext } from "./plan-context.ts";
import { present } from "./plan-promotion.ts";
import { planTargets } from "./plan-targets.ts";
import type { OpenSide, PlannedPromotion, PlannedSide } from "./plan-types.ts";
import { listNames } from "./words.ts";

type CatchUps = { readonly own: PlannedPromotion; readonly sides: readonly PlannedSide[] };

/**
 * Tenants that came later catch up with what their ring is verified on, by a pull request of their own and through the
 * environment's gates. Never twice: where the stream's own promotion moves them, that is their way; where it would do
 * nothing else, it gives way.
 *
 * @param goingBack a rollback is open here: nobody is to catch up meanwhile.
 */
export function planCatchUp(
  context: PlanContext,
  own: PlannedPromotion,
  outstanding: boolean,
  goingBack: boolean,
): CatchUps {
  const late = findLateTenants(context);
  const open = (context.state.sides ?? []).filter(({ kind }) => kind === "catch-up");
  const standing = open.map((side) => {
    const tenants = tenantsOf(context, side);
    const promotion = movesAll(own, late, tenants)
      ? obsolete(side, comesAlong(own))
      : planOpen(context, side, late, outstanding);
    return planned(side, promotion);
  });
  if (late === null || movesAll(own, late, late.tenants)) return { own, sides: standing };
  const known = open.some((side) => sameArtifact(side.open.artifact, late.artifact));
  const fresh =
    known || goingBack || !mayOpen(context, own, late) ? [] : openFor(context, late, outstanding);
  const sides = [...standing, ...fresh];
  if (!onlyCatchesUp(own, late) || (!known && fresh.length === 0)) return { own, sides };
  const names = listNames([...late.tenants]);
  const sentence = `${late.artifact.tag} comes to ${names} by a pull request of its own.`;
  return { own: { kind: "none", reason: "catching-up", sentence, close: null }, sides };
}

type Promotion = Extract<PlannedPromotion, { kind: "promote" }>;

/** The stream's own promotion moves these tenants, and more than a catch-up would. */
function movesAll(
  own: PlannedPromotion,
  late: LateTenants | null,
  tenants: ReadonlySet<string>,
): own is Promotion {
  if (own.kind !== "promote" || (late !== null && onlyCatchesUp(own, late))) return false;
  const moving = new Set(movingIn(own));
  return [...tenants].every((tenant) => moving.has(tenant));
}

/** What the stream's own promotion would do is what a catch-up does. One that is open keeps its pull request. */
function onlyCatchesUp(own: PlannedPromotion, late: LateTenants): boolean {
  return (
    own.kind === "promote" &&
    own.open === null &&
    sameArtifact(own.artifact, late.artifact) &&
    movingIn(own).every((tenant) => late.tenants.has(tenant))
  );
}

function movingIn({ targets }: Promotion): readonly string[] {
  return targets.flatMap(({ target, outcome }) => (outcome === "move" ? [target.tenant] : []));
}

function comesAlong({ artifact, open }: Promotion): string {
  const number = open === null ? "" : `, #${open.number}`;
  return `The stream's own promotion${number} brings ${artifact.tag} to them, too.`;
}

/** One that is open goes on as long as somebody is behind what it brings. */
function planOpen(
  context: PlanContext,
  side: OpenSide,
  late: LateTenants | null,
  outstanding: boolean,
): PlannedPromotion {
  const { artifact } = side.open;
  const same = late !== null && sameArtifact(late.artifact, artifact);
  // Whoever came meanwhile comes along.
  const only = same ? late.tenants : tenantsOf(context, side);
  const targets = planTargets(within(context, side), artifact, only);
  if (targets.moving.length === 0) return obsolete(side, movesNothing(artifact));
  if (late !== null && !same)
    return obsolete(side, `The ring holds ${late.artifact.tag} by now, which comes instead.`);
  return present(within(context, side), artifact, targets, outstanding);
}

/** Reasons of the stream's own plan for which nothing new comes either. */
const stopped = new Set([
  "held",
  "no-targets",
  "no-readable-target",
  "not-known-yet",
  "upstream-unhealthy",
]);

function mayOpen(context: PlanContext, own: PlannedPromotion, late: LateTenants): boolean {
  if (own.kind === "none" && stopped.has(own.reason)) return false;
  if (context.holds.some(({ artifact }) => artifact === null)) return false;
  const verified = verifications(context, late.artifact).every(
    ({ verification: { kind } }) => kind === "verified" || kind === "no-targets",
  );
  return verified && barOf(context, late.artifact) === null;
}

function openFor(
  context: PlanContext,
  late: LateTenants,
  outstanding: boolean,
): readonly PlannedSide[] {
  const targets = planTargets(context, late.artifact, late.tenants);
  if (targets.moving.length === 0) return [];
  const alone = { ...context, state: { ...context.state, open: null } };
  const promotion = present(alone, late.artifact, targets, outstanding);
  return [{ kind: "catch-up", number: null, requestedBy: null, failed: null, promotion }];
}
