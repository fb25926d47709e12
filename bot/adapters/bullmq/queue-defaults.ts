import type { QueueOptions, WorkerOptions } from "bullmq";

import type { QueueName } from "#ports/job-queue.ts";

import type { WorkerTuning } from "./queue-backend.ts";

export const queueNames = [
  "deliveries",
  "reconcile",
  "rollouts",
  "wakes",
  "notifications",
  "loads",
] as const satisfies readonly QueueName[];

/**
 * A worker that dies is noticed after lock + check, at most 25 s. A job that ran in a dying
 * process ten times over is still handed on: processes die for other reasons than the job.
 */
export const lockDurationMs = 15_000;
export const stalledIntervalMs = 10_000;
const maxStalledCount = 50;

/** Attempts for what fails for another reason than an outage, and the pause before the second: 1 s, then 2 s. */
export const attempts = 3;
const backoff = { type: "exponential", delay: 1_000 };

const failedForSeconds = 14 * 24 * 60 * 60;
/** GitHub redelivers within three days (docs "Redelivering webhooks"): so long is a delivery's id remembered. */
const rememberedForSeconds = 3 * 24 * 60 * 60;

/** What every job of a queue carries. Failed ones stay 14 days; done ones leave, but for the ids of deliveries. */
export function queueDefaults(name: QueueName): Omit<QueueOptions, "connection"> {
  return {
    defaultJobOptions: {
      attempts,
      backoff,
      removeOnFail: { age: failedForSeconds, count: 5_000 },
      removeOnComplete: name === "deliveries" ? { age: rememberedForSeconds, count: 20_000 } : true,
    },
    // Nobody reads the event stream; it would only take memory.
    streams: { events: { maxLen: 100 } },
  };
}

export function workerDefaults(tuning: WorkerTuning): Omit<WorkerOptions, "connection"> {
  return {
    concurrency: tuning.concurrency,
    lockDuration: tuning.lockDurationMs,
    stalledInterval: tuning.stalledIntervalMs,
    maxStalledCount,
    // The default of 15 s would leave work lying that long after the backend is back.
    runRetryDelay: 1_000,
  };
}
