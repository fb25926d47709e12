import type { JobHandlers, Jobs, QueueName } from "#ports/job-queue.ts";

import { logFields } from "./envelope.ts";
import type { QueueBackend, StoredJob, StoredWorker } from "./queue-backend.ts";
import { lockDurationMs, queueNames, stalledIntervalMs } from "./queue-defaults.ts";
import { runJob } from "./run-job.ts";
import type { RunDeps, StopReason } from "./run-job.ts";

export type WorkerOptions = {
  /** Jobs that run at once, by queue. */
  readonly concurrency?: Partial<Record<QueueName, number>>;
  /** A job has ended in the failed set: say so where people look. */
  readonly onFailed?: (failure: JobFailure) => Promise<void>;
  /** For tests: shorter than a running bot needs. */
  readonly lockDurationMs?: number;
  readonly stalledIntervalMs?: number;
  /** For tests: shorter than the first pause of 1 s after an outage. */
  readonly firstPauseMs?: number;
};

export type JobFailure = {
  readonly [Name in QueueName]: { readonly queue: Name; readonly job: Jobs[Name] };
}[QueueName] & { readonly jobId: string; readonly reason: string };

const defaultConcurrency = {
  deliveries: 8,
  reconcile: 4,
  rollouts: 8,
  wakes: 2,
  notifications: 2,
  // Two at once would measure each other.
  loads: 1,
} as const;

export type Workers = {
  /**
   * Takes no more jobs, lets those that run go on for half of the time, then aborts them so that they are handed back,
   * and leaves at the deadline: what still runs then is picked up by others once its lock has run out.
   */
  stop(deadlineMs: number): Promise<void>;
};

export function startWorkers(
  backend: QueueBackend,
  handlers: JobHandlers,
  given: Omit<RunDeps, "backend" | "firstPauseMs"> & {
    /** Hears of errors that belong to no job: connections, locks. */
    readonly trouble: (error: unknown, fields?: object) => void;
  },
  options: WorkerOptions,
): Workers {
  const deps: RunDeps = { ...given, backend, firstPauseMs: options.firstPauseMs ?? 1_000 };
  const tuning = {
    lockDurationMs: options.lockDurationMs ?? lockDurationMs,
    stalledIntervalMs: options.stalledIntervalMs ?? stalledIntervalMs,
  };
  const workers = queueNames.map((name) => {
    const worker: StoredWorker = backend.createWorker(
      name,
      async (stored, token, signal) => {
        const guarded = guardLock(worker, stored, tuning.lockDurationMs, signal);
        try {
          await runJob(name, stored, token, guarded.signal, handlers, deps);
        } finally {
          guarded.release();
        }
      },
      { ...tuning, concurrency: options.concurrency?.[name] ?? defaultConcurrency[name] },
    );
    worker.on("error", (error) => given.trouble(error, { queue: name }));
    worker.on("failed", (stored, error) => {
      if (stored !== undefined) onFailed(name, stored, error, deps, options);
    });
    return worker;
  });
  return { stop: (deadlineMs) => stopWorkers(workers, deadlineMs) };
}

/**
 * Aborts a run as soon as its lock may belong to somebody else: when a renewal is refused, and also when none has
 * succeeded for as long as the lock lasts, as while the backend is away.
 */
function guardLock(
  worker: StoredWorker,
  stored: StoredJob,
  lastsMs: number,
  given: AbortSignal | undefined,
): { signal: AbortSignal; release(): void } {
  const lost = new AbortController();
  const reason: StopReason = "lock-lost";
  let timer = setTimeout(() => lost.abort(reason), lastsMs);
  const renewed = ({ jobIds }: { jobIds: string[] }): void => {
    if (!jobIds.includes(stored.id ?? "")) return;
    clearTimeout(timer);
    timer = setTimeout(() => lost.abort(reason), lastsMs);
  };
  const refused = (jobIds: string[]): void => {
    if (jobIds.includes(stored.id ?? "")) lost.abort(reason);
  };
  worker.on("locksRenewed", renewed);
  worker.on("lockRenewalFailed", refused);
  return {
    signal: given === undefined ? lost.signal : AbortSignal.any([given, lost.signal]),
    release: () => {
      clearTimeout(timer);
      worker.off("locksRenewed", renewed);
      worker.off("lockRenewalFailed", refused);
    },
  };
}

/** BullMQ calls this after every attempt; only the last one has a time of finishing. */
function onFailed(
  queue: QueueName,
  stored: StoredJob,
  error: Error,
  deps: RunDeps,
  options: WorkerOptions,
): void {
  const final = stored.finishedOn !== undefined;
  const jobId = `${queue}/${stored.id ?? ""}`;
  const { job } = stored.data;
  deps.meter.count("jobs_total", { queue, result: final ? "failed" : "retried" });
  const fields = { queue, job_id: jobId, ...logFields(queue, job), reason: error.message };
  if (!final) {
    deps.log.warn(fields, "job threw and is tried again");
    return;
  }
  deps.log.error(fields, "job failed for good: see npm run jobs -- list");
  const failure = { queue, job, jobId, reason: error.message } as JobFailure;
  options.onFailed?.(failure).catch((reason: unknown) => {
    deps.log.warn({ ...fields, err: reason }, "the failure of a job could not be reported");
  });
}

async function stopWorkers(workers: readonly StoredWorker[], deadlineMs: number): Promise<void> {
  const reason: StopReason = "stopping";
  const abort = setTimeout(() => {
    for (const worker of workers) worker.cancelAllJobs(reason);
  }, deadlineMs / 2);
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const leave = setTimeout(resolve, deadlineMs);
  await Promise.race([Promise.allSettled(workers.map((worker) => worker.close())), late]);
  clearTimeout(abort);
  clearTimeout(leave);
}
