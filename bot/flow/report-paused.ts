import { renderPausedCheck } from "#core/check-run-paused.ts";
import type { StreamState } from "#core/plan-types.ts";
import { promotionId } from "#core/promotion-id.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** Says on every open promotion that the policy is broken: what said "ready to merge" would no longer be true. */
export async function reportPaused(
  context: RepositoryContext,
  states: readonly StreamState[],
): Promise<void> {
  const { repository } = context.job;
  for (const { stream, open } of states) {
    if (open === null) continue;
    const id = promotionId({ repository, ...stream, artifact: open.artifact });
    await context.checkRuns.report({
      ...renderPausedCheck({ id, consents: open.consents }),
      revision: open.head,
      name: "sluice/gates",
      externalId: id,
    });
  }
}
