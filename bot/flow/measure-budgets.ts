import {
  budgetFreeze,
  budgetOf,
  budgetQuery,
  budgetState,
  budgetWarning,
  describeBudget,
  type BudgetState,
} from "#core/error-budget.ts";
import type { Freeze } from "#core/freeze.ts";
import type { EnvironmentPolicy, Policy } from "#core/policy.ts";

import { measureOnce } from "./measure-once.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** An environment's error budget as of this run. */
export type MeasuredBudget = {
  readonly environment: string;
  readonly state: BudgetState;
  /** What people are told, once each time a mark is passed upwards; null where there is nothing new to say. */
  readonly news: BudgetNews | null;
};

export type BudgetNews = {
  readonly kind: "half-spent" | "spent" | "recovered";
  readonly sentence: string;
};

/** How far people have been told of a budget. */
type Told = { readonly mark: "none" | "half-spent" | "spent" };

/**
 * Measures every environment that has an error budget, once in a run: whoever asks later in the same run is given the
 * same news. What is new about a budget is said once, in the log too (`error budget changed`).
 */
export function measureBudgets(
  context: RepositoryContext,
  policy: Policy,
): Promise<readonly MeasuredBudget[]> {
  const known = measuring.get(context) ?? measure(context, policy);
  measuring.set(context, known);
  return known;
}

const measuring = new WeakMap<RepositoryContext, Promise<readonly MeasuredBudget[]>>();

async function measure(
  context: RepositoryContext,
  policy: Policy,
): Promise<readonly MeasuredBudget[]> {
  const measured = await Promise.all(
    policy.environments.map((environment) => measureBudget(context, environment)),
  );
  return measured.filter((one) => one !== null);
}

/** The freezes of the budgets that are spent. */
export async function budgetFreezes(
  context: RepositoryContext,
  policy: Policy,
): Promise<readonly Freeze[]> {
  const measured = await measureBudgets(context, policy);
  return measured.flatMap(({ environment: name, state }) => {
    const environment = policy.environments.find((one) => one.name === name);
    const budget = environment === undefined ? null : budgetOf(environment);
    if (environment === undefined || budget === null) return [];
    const freeze = budgetFreeze(environment, budget, state, context.now);
    return freeze === null ? [] : [freeze];
  });
}

async function measureBudget(
  context: RepositoryContext,
  environment: EnvironmentPolicy,
): Promise<MeasuredBudget | null> {
  const budget = budgetOf(environment);
  if (budget === null) return null;
  const state = budgetState(budget, await measureOnce(context, budgetQuery(environment, budget)));
  const { name } = environment;
  if (state.kind === "nothing") return { environment: name, state, news: null };
  const note = `error-budget/${name}`;
  const before = (await context.memory.get<Told>(note))?.mark ?? "none";
  const mark = markOf(state.spent);
  if (mark === before) return { environment: name, state, news: null };
  await context.memory.set(note, { mark } satisfies Told);
  const what = describeBudget(budget, state.spent);
  const news = newsOf(before, mark, name, what);
  if (news !== null)
    context.log.info(
      { environment: name, news: news.kind, why: news.sentence },
      "error budget changed",
    );
  return { environment: name, state, news };
}

function markOf(spent: number): Told["mark"] {
  if (spent >= 1) return "spent";
  return spent >= budgetWarning ? "half-spent" : "none";
}

function newsOf(
  before: Told["mark"],
  mark: Told["mark"],
  environment: string,
  what: string,
): BudgetNews | null {
  if (mark === "spent")
    return { kind: "spent", sentence: `${what}: ${environment} is frozen until it recovers.` };
  if (before === "spent")
    return { kind: "recovered", sentence: `${what}: ${environment} is not frozen any more.` };
  if (mark === "half-spent")
    return { kind: "half-spent", sentence: `${what} in ${environment}; at 100% it is frozen.` };
  return null;
}
