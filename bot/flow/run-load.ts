import { loadQueries } from "#core/load-queries.ts";
import { loadKey, type LoadFigures } from "#core/load.ts";
import type { JobContext, JobOutcome, RolloutJob } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import type { LoadOrderFact } from "./remember-loads.ts";
import { remember } from "./remember.ts";

/**
 * One load test, from its beginning to its end. It keeps nothing before it is over: a process that stops hands the job
 * back, and whoever takes it begins again.
 */
export async function runLoad(
  deps: Pick<Deps, "facts" | "load" | "measurements" | "queue" | "log">,
  job: RolloutJob,
  { signal }: JobContext,
): Promise<JobOutcome> {
  const memory = remember(deps.facts, job.repository);
  const wanted = await memory.loadOrder(job);
  if (wanted === null) return { kind: "done" };
  const { head, place, order } = wanted;
  const key = loadKey(order);
  if ((await memory.load(head))?.key === key) return { kind: "done" };
  const driven = await deps.load.drive(place, order, signal);
  const measured = await measure(deps, wanted, signal);
  const now = await memory.loadOrder(job);
  if (JSON.stringify(now) !== JSON.stringify(wanted)) {
    deps.log.info({ ...place }, "a load test is of no use any more");
    if (now !== null) await deps.queue.addLoad(job);
    return { kind: "done" };
  }
  const { environment, tenant } = place;
  await memory.setLoad(head, { key, environment, tenant, figures: { ...driven, ...measured } });
  const { installation, repository } = job;
  await deps.queue.addReconcile({ installation, repository });
  return { kind: "done" };
}

async function measure(
  { measurements }: Pick<Deps, "measurements">,
  { place, order }: LoadOrderFact,
  signal: AbortSignal,
): Promise<Pick<LoadFigures, "cpu" | "memory" | "network" | "pods">> {
  const queries = loadQueries(place, order.durationMs);
  const ask = async (query: string): Promise<number | null> => {
    const answer = await measurements.measure(query, signal);
    return answer.kind === "value" ? answer.value : null;
  };
  const [cpu, memory, network, pods] = await Promise.all([
    ask(queries.cpu),
    ask(queries.memory),
    ask(queries.network),
    ask(queries.pods),
  ]);
  return { cpu, memory, network, pods };
}
