import type { PlannedPromotion, StreamPlan, StreamState } from "./plan-types.ts";
import type { Policy } from "./policy.ts";
import { streamKey, type Target } from "./target.ts";

/**
 * Two services in one Argo CD application move one after the other: what fails there could not be told
 * apart otherwise. A merge waits while another service's rollout is under way in an application that it touches; of
 * several that could merge at once, the pull request that was opened first goes first, so that none is starved. A
 * rollback waits for nobody.
 */
export function shareApplications(
  policy: Policy,
  states: readonly StreamState[],
  plans: readonly StreamPlan[],
): readonly StreamPlan[] {
  if (policy.services.length < 2) return plans;
  const instances = new Map(policy.environments.map(({ name, argocd }) => [name, argocd]));
  const place = (target: Target) => `${instances.get(target.environment)}/${target.application}`;
  const taken = applicationsUnderWay(states, plans, place);
  const turns = new Map<PlannedPromotion, PlannedPromotion>();
  const merging = plans.flatMap(({ stream, promotion, sides }) =>
    [promotion, ...sides.filter(({ kind }) => kind !== "rollback").map((one) => one.promotion)]
      .filter(merges)
      .map((one) => ({ service: stream.service, promotion: one })),
  );
  for (const { service, promotion } of merging.toSorted(byAge)) {
    const places = movingTargets(promotion).map(place);
    const busy = places.find((one) => (taken.get(one) ?? service) !== service);
    if (busy !== undefined) turns.set(promotion, waitFor(promotion, taken.get(busy) ?? ""));
    else for (const one of places) taken.set(one, service);
  }
  return plans.map((plan) => ({
    ...plan,
    promotion: turns.get(plan.promotion) ?? plan.promotion,
    sides: plan.sides.map((side) => ({
      ...side,
      promotion: turns.get(side.promotion) ?? side.promotion,
    })),
  }));
}

/** By application: the service whose rollout is under way there. */
function applicationsUnderWay(
  states: readonly StreamState[],
  plans: readonly StreamPlan[],
  place: (target: Target) => string,
): Map<string, string> {
  const taken = new Map<string, string>();
  const byKey = new Map(states.map((state) => [streamKey(state.stream), state]));
  for (const { stream, rollouts } of plans) {
    const tenants = new Set(rollouts.flatMap((rollout) => rollout.tenants));
    if (tenants.size === 0) continue;
    for (const { target } of byKey.get(streamKey(stream))?.targets ?? []) {
      if (tenants.has(target.tenant)) taken.set(place(target), stream.service);
    }
  }
  return taken;
}

type Promotion = Extract<PlannedPromotion, { kind: "promote" }>;

function merges(promotion: PlannedPromotion): promotion is Promotion {
  return promotion.kind === "promote" && promotion.merge;
}

function movingTargets({ targets }: Promotion): readonly Target[] {
  return targets.flatMap(({ target, outcome }) => (outcome === "move" ? [target] : []));
}

type Merging = { readonly promotion: Promotion };

function byAge(one: Merging, other: Merging): number {
  const [first, second] = [numberOf(one), numberOf(other)];
  return first === second ? 0 : first - second;
}

function numberOf({ promotion }: Merging): number {
  return promotion.open?.number ?? Infinity;
}

function waitFor(promotion: Promotion, service: string): PlannedPromotion {
  const sentence = `Waits for ${service}, which moves in the same Argo CD application: one after the other.`;
  return { ...promotion, state: "waiting", merge: false, sentence };
}
