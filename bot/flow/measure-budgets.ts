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
  /** The mark that people have not been told of yet; null: none has been passed. */
  readonly passed: Mark | null;
  /** How much was spent when that was last known to be all of it; null: it was not, or `state` knows better. */
  readonly last: number | null;
};

export type BudgetNews = {
  readonly kind: "half-spent" | "spent" | "recovered";
  readonly sentence: string;
};

/** How far people have been told of a budget. */
type Mark = "none" | "half-spent" | "spent";
type Told = { readonly mark: Mark; readonly spent?: number };

/**
 * Measures every environment that has an error budget, once in a run: whoever asks later in the same run is given the
 * same news. It stays news until `keepTold`: a look that tells nobody uses none of it up.
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

/** The freezes of the budgets that are spent, or were when last known: an unknown number has nothing recover. */
export async function budgetFreezes(
  context: RepositoryContext,
  policy: Policy,
): Promise<readonly Freeze[]> {
  const measured = await measureBudgets(context, policy);
  return measured.flatMap(({ environment: name, state, last }) => {
    const environment = policy.environments.find((one) => one.name === name);
    const budget = environment === undefined ? null : budgetOf(environment);
    if (environment === undefined || budget === null) return [];
    const shown = last === null ? state : ({ kind: "known", spent: last } as const);
    const freeze = budgetFreeze(environment, budget, shown, context.now);
    if (freeze === null) return [];
    return [last === null ? freeze : { ...freeze, reason: `${freeze.reason}, as last known` }];
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
  const told = await context.memory.get<Told>(noteOf(name));
  const before = told?.mark ?? "none";
  const same = { environment: name, state, news: null, passed: null, last: null };
  if (state.kind === "nothing")
    return before === "spent" ? { ...same, last: told?.spent ?? 1 } : same;
  const mark = markOf(state.spent);
  if (mark === before) return same;
  const news = newsOf(before, mark, name, describeBudget(budget, state.spent));
  return { ...same, news, passed: mark };
}

/** Counts the news as told, once it stands in the outbox, and says it in the log (`error budget changed`). */
export async function keepTold(
  { memory, log }: RepositoryContext,
  measured: readonly MeasuredBudget[],
): Promise<void> {
  for (const { environment, state, news, passed } of measured) {
    if (passed === null || state.kind !== "known") continue;
    await memory.set(noteOf(environment), { mark: passed, spent: state.spent } satisfies Told);
    if (news !== null)
      log.info({ environment, news: news.kind, why: news.sentence }, "error budget changed");
  }
}

function noteOf(environment: string): string {
  return `error-budget/${environment}`;
}

function markOf(spent: number): Mark {
  if (spent >= 1) return "spent";
  return spent >= budgetWarning ? "half-spent" : "none";
}

function newsOf(before: Mark, mark: Mark, environment: string, what: string): BudgetNews | null {
  if (mark === "spent")
    return { kind: "spent", sentence: `${what}: ${environment} is frozen until it recovers.` };
  if (before === "spent")
    return { kind: "recovered", sentence: `${what}: ${environment} is not frozen any more.` };
  if (mark === "half-spent")
    return { kind: "half-spent", sentence: `${what} in ${environment}; at 100% it is frozen.` };
  return null;
}
