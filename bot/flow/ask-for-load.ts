import type { GateQuestion } from "#core/gate-question.ts";
import { drivenAgainAt, type LoadState } from "#core/load.ts";

import { sameLoadOrder } from "./remember-loads.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * What a load test came to, or that one runs now: it is ordered here, and run by a job of its own; once more where a
 * figure is missing and it is time. Where nothing may be driven any more the order falls, and what is measured
 * meanwhile does not count.
 */
export async function askForLoad(
  { memory, deps, job, now }: RepositoryContext,
  question: Extract<GateQuestion, { kind: "load" }>,
): Promise<LoadState> {
  const { stream, artifact, number, head, target, order, bounds } = question;
  const record = await memory.load(head, order);
  const again = record === null ? null : drivenAgainAt(bounds, record);
  if (record !== null && (again === null || again > now)) return { kind: "done", record };
  if (!deps.load.configured) return { kind: "not-configured" };
  if (target === null) {
    await memory.dropLoadOrder(stream, { number, order });
    return { kind: "nobody" };
  }
  const attempt = (record?.attempt ?? 0) + 1;
  const wanted = { number, head, target, artifact, order, attempt, askedAt: now.toISOString() };
  const orders = await memory.loadOrders(stream);
  const waits = orders.find((one) => sameLoadOrder(one, wanted))?.waits;
  await memory.setLoadOrder(stream, waits === undefined ? wanted : { ...wanted, waits });
  await deps.queue.addLoad({ ...job, ...stream });
  return waits === undefined ? { kind: "running" } : { kind: "waiting", sentence: waits };
}
