import type { PlannedPromotion, StreamPlan } from "./plan-types.ts";

/**
 * While a service is to go back in an environment, nothing of it moves forward there: every other merge waits until the
 * rollback is merged or closed.
 */
export function waitForRollbacks(plans: readonly StreamPlan[]): readonly StreamPlan[] {
  const waiting = new Map<string, string>();
  for (const plan of plans)
    for (const { kind, number, promotion } of plan.sides)
      if (kind === "rollback" && promotion.kind === "promote")
        waiting.set(placeOf(plan), number === null ? "a rollback" : `the rollback #${number}`);
  if (waiting.size === 0) return plans;
  return plans.map((plan) => {
    const whom = waiting.get(placeOf(plan));
    if (whom === undefined) return plan;
    return {
      ...plan,
      promotion: waitFor(plan.promotion, whom),
      sides: plan.sides.map((side) =>
        side.kind === "rollback" ? side : { ...side, promotion: waitFor(side.promotion, whom) },
      ),
    };
  });
}

function placeOf({ stream }: StreamPlan): string {
  return `${stream.environment}/${stream.service}`;
}

function waitFor(promotion: PlannedPromotion, whom: string): PlannedPromotion {
  if (promotion.kind !== "promote" || promotion.state !== "ready") return promotion;
  const sentence = `Waits for ${whom}: nothing moves forward here before it is merged or closed.`;
  return { ...promotion, state: "waiting", merge: false, sentence };
}
