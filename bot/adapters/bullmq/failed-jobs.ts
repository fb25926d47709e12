import type { QueueName } from "#ports/job-queue.ts";
import type { DeliveryJob } from "#ports/job-queue.ts";

import { logFields } from "./envelope.ts";
import type { QueueOf } from "./producer.ts";
import type { StoredJob } from "./queue-backend.ts";
import { queueNames } from "./queue-defaults.ts";

/** One job of the failed set, for people. */
export type FailedJob = {
  readonly id: string;
  readonly queue: QueueName;
  readonly about: Readonly<Record<string, string | number>>;
  readonly attempts: number;
  readonly failedAt: Date;
  readonly reason: string;
};

export type FailedJobs = {
  /** Newest first over all queues. */
  list(): Promise<readonly FailedJob[]>;
  /** `id` as `list` gives it: `reconcile/17`. Null when there is none such. */
  show(id: string): Promise<(FailedJob & { stack: readonly string[]; body: string | null }) | null>;
  /** Runs it again. False when there is none such. */
  replay(id: string): Promise<boolean>;
};

export function failedJobs(queueOf: QueueOf): FailedJobs {
  async function find(id: string): Promise<{ name: QueueName; stored: StoredJob } | null> {
    const slash = id.indexOf("/");
    const name = queueNames.find((candidate) => candidate === id.slice(0, slash));
    if (name === undefined) return null;
    const stored = await queueOf(name).getJob(id.slice(slash + 1));
    if (stored === undefined || !(await stored.isFailed())) return null;
    return { name, stored };
  }

  return {
    list: async () => {
      const lists = await Promise.all(
        queueNames.map(async (name) => {
          const stored = await queueOf(name).getFailed();
          return stored.map((job) => describe(name, job));
        }),
      );
      return lists.flat().sort((one, other) => other.failedAt.getTime() - one.failedAt.getTime());
    },
    show: async (id) => {
      const found = await find(id);
      if (found === null) return null;
      const { name, stored } = found;
      const body = name === "deliveries" ? (stored.data.job as DeliveryJob).body : null;
      return { ...describe(name, stored), stack: stored.stacktrace ?? [], body };
    },
    replay: async (id) => {
      const found = await find(id);
      if (found === null) return false;
      const { name, stored } = found;
      const { deduplication } = stored.opts;
      if (deduplication === undefined) {
        await stored.retry("failed", { resetAttemptsMade: true, resetAttemptsStarted: true });
        return true;
      }
      // A retried job would run beside another of its key; added anew it takes its turn.
      await queueOf(name).add(stored.name, { job: stored.data.job }, { deduplication });
      await stored.remove();
      return true;
    },
  };
}

function describe(name: QueueName, stored: StoredJob): FailedJob {
  return {
    id: `${name}/${stored.id ?? ""}`,
    queue: name,
    about: logFields(name, stored.data.job),
    attempts: stored.attemptsMade,
    failedAt: new Date(stored.finishedOn ?? stored.timestamp),
    reason: stored.failedReason,
  };
}
