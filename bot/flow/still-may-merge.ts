import { stopsInForce, type Stop } from "#core/stop.ts";

import { recallStops } from "./keep-stops.ts";
import type { PromotionWork } from "./promotion-work.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Does what the plan was made from still hold at this very moment? A run takes its time: a window may have closed since
 * it began, and a person may have been told that a freeze stands. Asked last before a promotion is merged or enqueued;
 * what no longer holds is planned anew.
 */
export async function stillMayMerge(
  context: RepositoryContext,
  { stream, side, planned }: Pick<PromotionWork, "stream" | "side" | "planned">,
): Promise<boolean> {
  const now = context.deps.clock.now();
  const closed = planned.gates.some(({ until }) => until !== undefined && until <= now);
  if (closed) return false;
  // No stop of a person holds the way back.
  if (side?.kind === "rollback") return true;
  const record = await recallStops(context);
  // It was forgotten since the plan was made, and nobody has looked yet whether what was read back is all.
  if (record.doubt !== undefined) return false;
  return !stopsInForce(record, now).some((stop) => concerns(stop, stream));
}

function concerns(stop: Stop, stream: PromotionWork["stream"]): boolean {
  if (stop.environment !== stream.environment) return false;
  return stop.kind === "freeze" || stop.service === null || stop.service === stream.service;
}
