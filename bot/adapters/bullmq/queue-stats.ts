import type { QueueName } from "#ports/job-queue.ts";
import type { Meter } from "#ports/meter.ts";

import type { QueueOf } from "./producer.ts";
import type { StoredJob } from "./queue-backend.ts";
import { queueNames } from "./queue-defaults.ts";

const states = ["waiting", "active", "delayed", "failed"] as const;

export type QueueStats = {
  readonly queue: QueueName;
  readonly jobs: Readonly<Record<(typeof states)[number], number>>;
  /** Seconds that the job at the head has been ready to run; 0 when none waits. */
  readonly oldestWaitingSeconds: number;
};

export async function readStats(queueOf: QueueOf, meter: Meter): Promise<readonly QueueStats[]> {
  const all = await Promise.all(queueNames.map((name) => readQueue(name, queueOf)));
  for (const { queue, jobs, oldestWaitingSeconds } of all) {
    for (const state of states) meter.set("queue_jobs", { queue, state }, jobs[state]);
    meter.set("queue_oldest_waiting_seconds", { queue }, oldestWaitingSeconds);
  }
  return all;
}

async function readQueue(name: QueueName, queueOf: QueueOf): Promise<QueueStats> {
  const queue = queueOf(name);
  const [counts, [head]] = await Promise.all([
    queue.getJobCounts(...states),
    queue.getJobs(["waiting"], 0, 0, true),
  ]);
  const since = head === undefined ? Date.now() : readySince(head);
  return {
    queue: name,
    jobs: {
      waiting: counts["waiting"] ?? 0,
      active: counts["active"] ?? 0,
      delayed: counts["delayed"] ?? 0,
      failed: counts["failed"] ?? 0,
    },
    oldestWaitingSeconds: Math.max(0, (Date.now() - since) / 1_000),
  };
}

/** A job that was delayed, at first or again, has waited only since the delay was over. */
function readySince(job: StoredJob): number {
  return Math.max(job.timestamp, job.processedOn ?? 0) + job.delay;
}
