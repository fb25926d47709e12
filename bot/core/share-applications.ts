import type { StreamPlan, StreamState } from "./plan-types.ts";
import type { Policy } from "./policy.ts";
import { streamKey, type Target } from "./target.ts";

/**
 * Two services in one Argo CD application move one after the other: what fails there could not be told
 * apart otherwise. A merge waits while another service's rollout is under way in an application that it touches; of
 * several that could merge at once, the pull request that was opened first goes first, so that none is starved.
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
  const turns = new Map<StreamPlan, StreamPlan>();
  for (const plan of plans.filter(merges).toSorted(byAge)) {
    const places = movingTargets(plan).map(place);
    const { service } = plan.stream;
    const busy = places.find((one) => (taken.get(one) ?? service) !== service);
    if (busy !== undefined) turns.set(plan, waitFor(plan, taken.get(busy) ?? ""));
    else for (const one of places) taken.set(one, service);
  }
  return plans.map((plan) => turns.get(plan) ?? plan);
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

function merges({ promotion }: StreamPlan): boolean {
  return promotion.kind === "promote" && promotion.merge;
}

function movingTargets({ promotion }: StreamPlan): readonly Target[] {
  if (promotion.kind !== "promote") return [];
  return promotion.targets.flatMap(({ target, outcome }) => (outcome === "move" ? [target] : []));
}

function byAge(one: StreamPlan, other: StreamPlan): number {
  const [first, second] = [numberOf(one), numberOf(other)];
  return first === second ? 0 : first - second;
}

function numberOf({ promotion }: StreamPlan): number {
  return promotion.kind === "promote" ? (promotion.open?.number ?? Infinity) : Infinity;
}

function waitFor(plan: StreamPlan, service: string): StreamPlan {
  if (plan.promotion.kind !== "promote") return plan;
  const sentence = `Waits for ${service}, which moves in the same Argo CD application: one after the other.`;
  return { ...plan, promotion: { ...plan.promotion, state: "waiting", merge: false, sentence } };
}
