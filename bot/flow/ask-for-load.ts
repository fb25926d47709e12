import type { GateQuestion } from "#core/gate-question.ts";
import { loadKey, type LoadState } from "#core/load.ts";

import type { RepositoryContext } from "./repository-context.ts";

/**
 * What a load test came to, or that one runs now: it is ordered here, and run by a job of its own. A service that holds
 * another artifact by now is not driven any more, and what was measured meanwhile does not count.
 */
export async function askForLoad(
  { memory, deps, job }: RepositoryContext,
  { stream, head, upstream, order }: Extract<GateQuestion, { kind: "load" }>,
): Promise<LoadState> {
  const record = await memory.load(head);
  if (record?.key === loadKey(order)) return { kind: "done", record };
  if (!deps.load.configured) return { kind: "not-configured" };
  const { environment, tenant } = upstream;
  if (tenant === null) {
    await memory.dropLoadOrder(stream);
  } else {
    const place = { tenant, environment, service: stream.service };
    await memory.setLoadOrder(stream, { head, place, order });
    await deps.queue.addLoad({ ...job, ...stream });
  }
  return { kind: "running" };
}
