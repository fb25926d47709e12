import { renderPausedCheck } from "#core/check-run-paused.ts";
import type { OpenPromotion, StreamState } from "#core/plan-types.ts";
import { promotionId } from "#core/promotion-id.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** Says on every open promotion that the policy is broken: what said "ready to merge" would no longer be true. */
export async function reportPaused(
  context: RepositoryContext,
  states: readonly StreamState[],
): Promise<void> {
  const { repository } = context.job;
  for (const { stream, open, sides = [] } of states) {
    // Rollbacks go on, by the last policy that was valid.
    for (const side of sides)
      if (side.kind !== "rollback") await reportOn(context, side.open, side.id);
    if (open === null) continue;
    const id = promotionId({ repository, ...stream, artifact: open.artifact });
    await reportOn(context, open, id);
  }
}

async function reportOn(
  { checkRuns }: RepositoryContext,
  { head, consents }: OpenPromotion,
  id: string,
): Promise<void> {
  await checkRuns.report({
    ...renderPausedCheck({ id, consents }),
    revision: head,
    name: "sluice/gates",
    externalId: id,
  });
}
