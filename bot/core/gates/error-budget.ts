import { budgetOf, budgetQuery, budgetState, describeBudget } from "../error-budget.ts";
import { nextLook, type GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import type { Gate, GateContext, Judgement } from "./gate-context.ts";

/** There is something left of the environment's error budget. Looked at every full minute until there is. */
export const errorBudget: Gate = {
  name: "error-budget",
  applies: ({ environment }) => budgetOf(environment) !== null,
  judge: judgeBudget,
};

function judgeBudget({ environment, answers, now }: GateContext): Judgement {
  const budget = budgetOf(environment);
  if (budget === null) return say("skipped", "no-budget", "The policy states no error budget.");
  const question = { kind: "metric", query: budgetQuery(environment, budget) } as const;
  const answer = lookUp(answers, question);
  if (answer === null) return [question];
  const state = budgetState(budget, answer.measurement);
  if (state.kind === "nothing") {
    return {
      ...say("pending", state.reason, `The error budget is not known: ${state.sentence}`),
      remedy: state.remedy,
      again: nextLook(now),
    };
  }
  const what = describeBudget(budget, state.spent);
  if (state.spent >= 1) {
    return {
      ...say("failed", "budget-spent", `${what}: ${environment.name} is frozen until it recovers.`),
      remedy: "Mend what costs requests there. A rollback is not held by this.",
      again: nextLook(now),
    };
  }
  return say("passed", "budget-left", `${what}.`);
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "error-budget", status, reason, sentence };
}
