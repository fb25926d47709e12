import { loadQueries } from "#core/load-queries.ts";
import { loadKey, type LoadFigures } from "#core/load.ts";
import type { JobContext, JobOutcome, RolloutJob } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { lookAtDriven, stoodThroughout, type DrivenLook } from "./look-at-driven.ts";
import { sameLoadOrder, type LoadOrderFact } from "./remember-loads.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";

/** Every look at an open promotion asks again: what was not asked for so long is wanted by nobody. */
const wantedMs = 15 * 60_000;

/**
 * One load test of a stream, from its beginning to its end. It keeps nothing before it is over: a process that stops
 * hands the job back, and whoever takes it begins again. It begins where the artifact runs and is healthy, and counts
 * only if nothing else stood there in between.
 */
export async function runLoad(
  deps: Deps,
  job: RolloutJob,
  jobContext: JobContext,
): Promise<JobOutcome> {
  const context = await openRepository(deps, job, jobContext);
  for (const wanted of await context.memory.loadOrders(job)) {
    const began = await begin(context, job, wanted);
    if (began === null) continue;
    await drive(context, job, wanted, began);
    await deps.queue.addReconcile(context.job);
    break;
  }
  return { kind: "done" };
}

type There = Extract<DrivenLook, { kind: "there" }>;

/** Null: it is not to begin, or cannot yet; why not stands in the order. */
async function begin(
  context: RepositoryContext,
  job: RolloutJob,
  wanted: LoadOrderFact,
): Promise<There | null> {
  const { memory, now } = context;
  const { waits, ...stands } = wanted;
  const unwanted = now.getTime() - new Date(wanted.askedAt).getTime() > wantedMs;
  const known = await memory.load(wanted.head, wanted.order);
  if (unwanted || (known?.attempt ?? 0) >= wanted.attempt) {
    await memory.dropLoadOrder(job, wanted);
    return null;
  }
  const look = await lookAtDriven(context, wanted);
  const { tenant, environment } = wanted.target;
  const obstacle =
    look.kind === "elsewhere"
      ? look.sentence
      : look.healthy
        ? undefined
        : `${wanted.artifact.tag} is unhealthy for ${tenant} in ${environment} now.`;
  if (obstacle !== waits)
    await memory.setLoadOrder(
      job,
      obstacle === undefined ? stands : { ...stands, waits: obstacle },
    );
  return look.kind === "there" && look.healthy ? look : null;
}

/** Keeps the figures, if what was driven is what was ordered from the first request to the last. */
async function drive(
  context: RepositoryContext,
  job: RolloutJob,
  wanted: LoadOrderFact,
  began: There,
): Promise<void> {
  const { deps, memory, signal } = context;
  const { head, target, order, attempt } = wanted;
  const { tenant, environment, service } = target;
  const driven = await deps.load.drive({ tenant, environment, service }, order, signal);
  const measured = await measure(deps, wanted, signal);
  const orders = await memory.loadOrders(job);
  if (!orders.some((one) => sameLoadOrder(one, wanted))) {
    context.log.info({ tenant, environment, service }, "a load test is of no use any more");
    return;
  }
  const ended = await lookAtDriven(context, wanted);
  const counts = ended.kind === "there" && (await stoodThroughout(context, wanted, began, ended));
  const figures = { ...driven, ...measured };
  const at = deps.clock.now().toISOString();
  const record = { key: loadKey(order), environment, tenant, attempt, at, figures };
  if (counts) await memory.setLoad(head, record);
  else context.log.info({ tenant, environment, service }, "a load test met another artifact");
  await memory.dropLoadOrder(job, wanted);
}

async function measure(
  { measurements }: Pick<Deps, "measurements">,
  { target, order }: LoadOrderFact,
  signal: AbortSignal,
): Promise<Pick<LoadFigures, "cpu" | "memory" | "network" | "pods">> {
  const queries = loadQueries(target, order.durationMs);
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
