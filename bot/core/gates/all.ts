import type { GateResult } from "../gate.ts";
import type { Question } from "../plan-types.ts";
import { approvals } from "./approvals.ts";
import { checks } from "./checks.ts";
import { deployer } from "./deployer.ts";
import { errorBudget } from "./error-budget.ts";
import { freeze } from "./freeze.ts";
import type { Gate, GateContext, Judgement } from "./gate-context.ts";
import { health } from "./health.ts";
import { image } from "./image.ts";
import { load } from "./load.ts";
import { manual } from "./manual.ts";
import { metric } from "./metric.ts";
import { order } from "./order.ts";
import { soak } from "./soak.ts";
import { window } from "./window.ts";

/** Every gate, in the order in which people read them. A new gate is one file and one row. */
export const gates: readonly Gate[] = [
  order,
  image,
  health,
  soak,
  checks,
  metric,
  load,
  errorBudget,
  approvals,
  manual,
  window,
  freeze,
  deployer,
];

/** What all gates say, and what they must know first. A gate that must ask is pending. */
export function judgeGates(context: GateContext): {
  readonly results: readonly GateResult[];
  readonly questions: readonly Question[];
} {
  const results: GateResult[] = [];
  const questions: Question[] = [];
  for (const gate of gates) {
    if (!gate.applies(context)) continue;
    const judgements: readonly Judgement[] =
      "judge" in gate ? [gate.judge(context)] : gate.judgeEach(context);
    for (const judgement of judgements) {
      if ("status" in judgement) {
        results.push(judgement);
        continue;
      }
      questions.push(...judgement);
      results.push({
        gate: gate.name,
        status: "pending",
        reason: "not-known-yet",
        sentence: "Sluice is still finding this out.",
      });
    }
  }
  return { results, questions };
}
