import { DelayedError, UnrecoverableError, WaitingError } from "bullmq";

import { Fault, messageOf } from "#core/error.ts";
import type { JobContext, JobHandlers, JobOutcome, Jobs, QueueName } from "#ports/job-queue.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

import { logFields } from "./envelope.ts";
import type { StoredJob } from "./queue-backend.ts";

export type RunDeps = {
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
  const context: JobContext = { jobId, attempt: stored.attemptsMade + outages, signal };
  const log = deps.log.child({ queue: name, job_id: jobId, ...logFields(name, job) });
  const started = performance.now();
  let ending: Ending = "threw";
  try {
    const outcome = await deps.tracer.continue(traceparent, () =>
      deps.tracer.span(`job ${name}`, { "sluice.queue": name, "sluice.job_id": jobId }, () =>
        call(handlers, name, job, context),
      ),
    );
    if (outcome.kind === "later") {
      await stored.moveToDelayed(outcome.at.getTime(), token);
      ending = "later";
      throw new DelayedError();
    }
    if (name === "deliveries") await forgetBody(stored);
    ending = "done";
  } catch (error) {
    if (ending === "later") throw error;
    if (signal.aborted && signal.reason === "stopping") {
      await stored.moveToWait(token);
      ending = "handed-back";
      throw new WaitingError();
    }
    if (error instanceof Fault && error.retryable) {
      const at = nextTry(error, outages);
      log.warn(
        { err: error, outages: outages + 1, next_try: at },
        "job waits for an outage to end",
      );
      await stored.updateData({ ...stored.data, outages: outages + 1 });
      await stored.moveToDelayed(at.getTime(), token);
      ending = "outage";
      throw new DelayedError();
    }
    throw lasting(error, deps.redact);
  } finally {
    deps.meter.observe(
      "job_duration_seconds",
      { queue: name },
      (performance.now() - started) / 1_000,
    );
    if (ending !== "threw") deps.meter.count("jobs_total", { queue: name, result: ending });
    log.debug({ result: ending }, "job ran");
  }
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

const firstPauseMs = 1_000;
const longestPauseMs = 60_000;

/** 1, 2, 4 … 60 s, each up to a tenth longer so that many jobs do not return together; never before `retryAt`. */
function nextTry(fault: Fault, outages: number): Date {
  const pause = Math.min(firstPauseMs * 2 ** Math.min(outages, 10), longestPauseMs);
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
