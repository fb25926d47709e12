import { renderGatesCheck } from "#core/check-run-gates.ts";

import { describe, idOf, type PromotionWork } from "./open-pull-request.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Says on the promotion's head what holds it and until when. The consents given for this head stand in the run as well:
 * that is where they are found again.
 */
export async function reportGates(
  context: RepositoryContext,
  work: PromotionWork,
  head: string,
  mergeBlocked: string | null,
): Promise<void> {
  const { planned } = work;
  const tenants = planned.targets
    .filter((one) => one.outcome === "move")
    .map((one) => one.target.tenant);
  const rendered = renderGatesCheck({
    ...describe(context, work, tenants),
    state: planned.state,
    sentence: planned.sentence,
    targets: planned.targets,
    consents: (planned.open?.consents ?? []).filter((consent) => consent.head === head),
    approvals: (planned.open?.approvals ?? []).filter((approval) => approval.head === head),
    mergeBlocked,
  });
  await context.checkRuns.report({
    ...rendered,
    revision: head,
    name: "sluice/gates",
    externalId: idOf(context, work),
  });
}
