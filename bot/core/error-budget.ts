import { describeDuration, formatDuration } from "./duration.ts";
import { byBudget, type Freeze } from "./freeze.ts";
import { gatesOf, type ErrorBudgetPolicy } from "./gate-policy.ts";
import { fillQuery, formatNumber, type Measurement } from "./measurement.ts";
import type { EnvironmentPolicy } from "./policy.ts";

/** What an environment's error budget has come to. */
export type BudgetState =
  /** `spent`: 0 nothing, 1 all of it, more where more was lost than was to spend. */
  { readonly kind: "known"; readonly spent: number } | Extract<Measurement, { kind: "nothing" }>;

/** People are told once when this share is spent, and again only after it was less. */
export const budgetWarning = 0.5;

/** The environment's error budget; null where the policy states none. */
export function budgetOf(environment: EnvironmentPolicy): ErrorBudgetPolicy | null {
  return gatesOf(environment, "error-budget")[0] ?? null;
}

/** What Prometheus is asked: about the whole environment. */
export function budgetQuery(environment: EnvironmentPolicy, budget: ErrorBudgetPolicy): string {
  const window = formatDuration(budget.windowMs);
  return fillQuery(budget.query, { environment: environment.name, window });
}

/** How much of the budget the share of bad requests has used up. */
export function budgetState({ target }: ErrorBudgetPolicy, bad: Measurement): BudgetState {
  if (bad.kind === "nothing") return bad;
  if (bad.value < 0 || bad.value > 1) {
    return {
      kind: "nothing",
      reason: "not-a-share",
      sentence: `The error budget's query gave ${formatNumber(bad.value)}, which is no share between 0 and 1.`,
      remedy: "Have it divide the bad requests by all requests.",
    };
  }
  // Beyond nine digits stands only what binary fractions make of decimal ones: 1 - 0.999 is more than 0.001.
  const spent = Math.round((bad.value / (1 - target)) * 1e9) / 1e9;
  return { kind: "known", spent };
}

/** `120% of the error budget is spent (99.9% over 30 days)`, without a full stop. */
export function describeBudget({ target, windowMs }: ErrorBudgetPolicy, spent: number): string {
  const share = formatNumber(target * 100);
  return `${percent(spent)} of the error budget is spent (${share}% over ${describeDuration(windowMs)})`;
}

/** The freeze that a budget means; null while there is something left to spend, and while that is not known. */
export function budgetFreeze(
  environment: EnvironmentPolicy,
  budget: ErrorBudgetPolicy,
  state: BudgetState,
  now: Date,
): Freeze | null {
  if (state.kind !== "known" || state.spent < 1) return null;
  return {
    environment: environment.name,
    from: now,
    until: null,
    reason: describeBudget(budget, state.spent),
    by: byBudget,
    strict: false,
  };
}

/** In whole percent, rounded down: 100% is said only when all of it is spent. */
function percent(spent: number): string {
  return `${Math.floor(Math.min(spent, 99.99) * 100)}%`;
}
