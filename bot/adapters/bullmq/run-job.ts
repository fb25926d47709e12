import { DelayedError, UnrecoverableError, WaitingError } from "bullmq";

import { Fault, messageOf } from "#core/error.ts";
import type { JobContext, JobHandlers, JobOutcome, Jobs, QueueName } from "#ports/job-queue.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

import { logFields } from "./envelope.ts";
import type { QueueBackend, StoredJob } from "./queue-backend.ts";

export type RunDeps = {
  readonly backend: Pick<QueueBackend, "hasFollower" | "takeFollower">;
  /** Pause after the first outage of a job, milliseconds. */
  readonly firstPauseMs: number;
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
  /** Takes secrets out of text that is stored with a failed job. */
  readonly redact: (text: string) => string;
};

/** Why a run was told to stop. */
export type StopReason = "stopping" | "lock-lost";

/** How a run ended, as `jobs_total{result}` counts it; `retried` and `failed` are counted where BullMQ decides. */
type Ending = "done" | "later" | "outage" | "handed-back" | "threw";

/** What BullMQ must be told: nothing, or an error that it understands. */
type Settled = { readonly ending: Ending; readonly tell: Error | null };

/**
 * One run of one job: calls the handler inside a span, and tells BullMQ what its end means.
 *
 * - done: finished. later: delayed, not an attempt. A retryable Fault: an outage, delayed ever longer, not an attempt.
 * - stopping: handed back to whoever runs on. Any other error: one of three attempts, or the last if it is a Fault.
 */
export async function runJob(
  name: QueueName,
  stored: StoredJob,
  token: string | undefined,
  signal: AbortSignal,
  handlers: JobHandlers,
  deps: RunDeps,
): Promise<void> {
  const { job, traceparent, finished, outages = 0 } = stored.data;
  if (finished === true) return;
  const jobId = `${name}/${stored.id ?? ""}`;
  const attempt = stored.attemptsMade + outages;
  const context: JobContext = { jobId, storedAt: new Date(stored.timestamp), attempt, signal };
  const log = deps.log.child({ queue: name, job_id: jobId, ...logFields(name, job) });
  const started = performance.now();
  const end = await deps.tracer.continue(traceparent, () =>
    outcomeOf(() =>
      deps.tracer.span(`job ${name}`, { "sluice.queue": name, "sluice.job_id": jobId }, () =>
        call(handlers, name, job, context),
      ),
    ),
  );
  const seconds = (performance.now() - started) / 1_000;
  deps.meter.observe("job_duration_seconds", { queue: name }, seconds);
  const { ending, tell } =
    end.kind === "threw"
      ? await settleError(name, stored, token, signal, end.error, deps, log)
      : await settleOutcome(name, stored, token, end, deps);
  if (ending !== "threw") deps.meter.count("jobs_total", { queue: name, result: ending });
  log.debug({ result: ending, seconds }, "job ran");
  if (tell !== null) throw tell;
}

type End = JobOutcome | { readonly kind: "threw"; readonly error: unknown };

async function outcomeOf(work: () => Promise<JobOutcome>): Promise<End> {
  try {
    return await work();
  } catch (error) {
    return { kind: "threw", error };
  }
}

async function settleOutcome(
  name: QueueName,
  stored: StoredJob,
  token: string | undefined,
  outcome: JobOutcome,
  deps: RunDeps,
): Promise<Settled> {
  if (outcome.kind === "later") {
    if ((stored.data.outages ?? 0) > 0) await stored.updateData({ ...stored.data, outages: 0 });
    await runAgain(name, stored, token, outcome.at, deps);
    return { ending: "later", tell: new DelayedError() };
  }
  if (name === "deliveries") await forgetBody(stored);
  return { ending: "done", tell: null };
}

async function settleError(
  name: QueueName,
  stored: StoredJob,
  token: string | undefined,
  signal: AbortSignal,
  error: unknown,
  deps: RunDeps,
  log: Log,
): Promise<Settled> {
  if (signal.aborted && signal.reason === "stopping") {
    await stored.moveToWait(token);
    return { ending: "handed-back", tell: new WaitingError() };
  }
  if (!(error instanceof Fault && error.retryable)) {
    return { ending: "threw", tell: lasting(error, deps.redact) };
  }
  const outages = (stored.data.outages ?? 0) + 1;
  const at = nextTry(error, outages, deps.firstPauseMs);
  log.warn({ err: error, outages, next_try: at }, "job waits for an outage to end");
  await stored.updateData({ ...stored.data, outages });
  await runAgain(name, stored, token, at, deps);
  return { ending: "outage", tell: new DelayedError() };
}

function call(
  handlers: JobHandlers,
  name: QueueName,
  job: Jobs[QueueName],
  context: JobContext,
): Promise<JobOutcome> {
  const handler = handlers[name] as (
    job: Jobs[QueueName],
    context: JobContext,
  ) => Promise<JobOutcome>;
  return handler(job, context);
}

/** The id of a delivery is remembered for days, its body is not: it is what takes the memory. */
async function forgetBody(stored: StoredJob): Promise<void> {
  await stored.updateData({
    job: { ...stored.data.job, body: "" } as Jobs["deliveries"],
    finished: true,
  });
}

/**
 * The same job again at a time, unless something has happened meanwhile: an event that came during the run is kept
 * behind this job and must not wait for its delay. It is taken while the job is still ours, and answered by running
 * again now. One that comes in the moment before the delay begins is left there (it may belong to a run that has begun
 * elsewhere) and only ends the delay; one that comes later does so by itself (`reschedule`).
 */
async function runAgain(
  name: QueueName,
  stored: StoredJob,
  token: string | undefined,
  at: Date,
  { backend }: RunDeps,
): Promise<void> {
  const { deduplication } = stored.opts;
  if (deduplication === undefined) {
    await stored.moveToDelayed(at.getTime(), token);
    return;
  }
  const isOvertaken = await backend.takeFollower(name, deduplication.id);
  await stored.moveToDelayed(isOvertaken ? Date.now() : at.getTime(), token);
  if (isOvertaken) return;
  try {
    if (await backend.hasFollower(name, deduplication.id)) await stored.promote();
  } catch {
    // The backend went away, or the job has left its delay by itself: then it runs at its time, or runs already.
  }
}

const longestPauseMs = 60_000;

/** 1, 2, 4 … 60 s, each up to a tenth longer so that many jobs do not return together; never before `retryAt`. */
function nextTry(fault: Fault, outages: number, firstPauseMs: number): Date {
  const pause = Math.min(firstPauseMs * 2 ** Math.min(outages - 1, 10), longestPauseMs);
  const at = Date.now() + pause * (1 + Math.random() / 10);
  return new Date(Math.max(at, fault.retryAt?.getTime() ?? 0));
}

/** What is stored beside a failed job: the sentence and our own stack, nothing of requests and headers. */
function lasting(error: unknown, redact: (text: string) => string): Error {
  const final = error instanceof Fault;
  const code = final ? error.code : error instanceof Error ? error.name : "unknown";
  const message = redact(`${code}: ${messageOf(error)}`);
  const kept = final ? new UnrecoverableError(message) : new Error(message);
  if (error instanceof Error && error.stack !== undefined) kept.stack = redact(error.stack);
  return kept;
}
