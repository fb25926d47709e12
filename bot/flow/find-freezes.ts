import { policyFreezes, stopFreezes, type Freeze } from "#core/freeze.ts";
import type { Policy } from "#core/policy.ts";

import { listStops } from "./keep-stops.ts";
import { budgetFreezes } from "./measure-budgets.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** Every freeze that is known: of the policy, of people, and of error budgets that are spent. */
export async function findFreezes(
  context: RepositoryContext,
  policy: Policy,
): Promise<readonly Freeze[]> {
  const [stops, budgets] = await Promise.all([listStops(context), budgetFreezes(context, policy)]);
  return [...policyFreezes(policy.freezes), ...stopFreezes(stops), ...budgets];
}
