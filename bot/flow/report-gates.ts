import { renderGatesCheck } from "#core/check-run-gates.ts";
import type { Consent } from "#core/plan-types.ts";

import { describe, idOf, type PromotionWork } from "./promotion-work.ts";
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
  queued: string | null = null,
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
    consents: consentsFor(work, head),
    approvals: (planned.open?.approvals ?? []).filter((approval) => approval.head === head),
    mergeBlocked,
    queued,
  });
  await context.checkRuns.report({
    ...rendered,
    revision: head,
    name: "sluice/gates",
    externalId: idOf(context, work),
  });
}

/** Those given for this very head, and the one that every head of a rollback carries. */
function consentsFor({ planned, side }: PromotionWork, head: string): readonly Consent[] {
  const given = (planned.open?.consents ?? []).filter((consent) => consent.head === head);
  if (side?.consent == null || given.length > 0) return given;
  return [{ ...side.consent, head }];
}
