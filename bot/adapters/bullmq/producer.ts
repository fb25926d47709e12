import { Fault } from "#core/error.ts";
import type { JobQueue, Jobs, QueueName } from "#ports/job-queue.ts";
import type { Tracer } from "#ports/log.ts";

import { deliveryJobId, notificationJobId, repositoryKey, rolloutKey } from "./envelope.ts";
import type { Envelope } from "./envelope.ts";
import type { QueueBackend, StoredQueue } from "./queue-backend.ts";

export type QueueOf = (name: QueueName) => StoredQueue;

/**
 * Adds jobs. Every add is over within the deadline: stored, or a retryable Fault. One that timed out may have been
 * stored all the same, which is harmless: every job may run twice.
 *
 * One key has at most one job that runs and one that waits (`keepLastIfActive`). An add that comes while its key is
 * delayed would be dropped; `reschedule` makes it run now instead. A reconcile that is wanted later is a wake, which
 * delays nobody else.
 */
export function createProducer(
  queueOf: QueueOf,
  options: { backend: Pick<QueueBackend, "deliveryDeadlineMs" | "alone">; tracer: Tracer },
): JobQueue {
  function envelope(job: Jobs[QueueName]): Envelope {
    const traceparent = options.tracer.traceparent();
    return traceparent === undefined ? { job } : { job, traceparent };
  }

  const { backend } = options;

  async function addAlone(key: string, work: () => Promise<unknown>): Promise<void> {
    await within(jobDeadlineMs, () => backend.alone(key, work));
  }

  const queue: JobQueue = {
    addDelivery: (job) =>
      within(backend.deliveryDeadlineMs, () =>
        queueOf("deliveries").add("delivery", envelope(job), {
          jobId: deliveryJobId(job),
          lifo: fromPeople.has(job.event),
        }),
      ),
    addReconcile: (job, { delayMs = 0 } = {}) =>
      delayMs > 0
        ? queue.addWake(job, new Date(Date.now() + delayMs))
        : addAlone(`reconcile ${repositoryKey(job)}`, () =>
            queueOf("reconcile").add("reconcile", envelope(job), {
              deduplication: { id: repositoryKey(job), keepLastIfActive: true, reschedule: true },
            }),
          ),
    addRollout: (job, { delayMs = 0 } = {}) =>
      addAlone(`rollout ${rolloutKey(job)}`, () =>
        queueOf("rollouts").add("rollout", envelope(job), {
          delay: Math.min(delayMs, maxRolloutDelayMs),
          deduplication: {
            id: rolloutKey(job),
            keepLastIfActive: true,
            // Only who wants it now may move it: else a stream of delayed adds would put it off for ever.
            reschedule: delayMs <= 0,
          },
        }),
      ),
    addLoad: (job) =>
      addAlone(`load ${rolloutKey(job)}`, () =>
        queueOf("loads").add("load", envelope(job), {
          deduplication: { id: rolloutKey(job), keepLastIfActive: true },
        }),
      ),
    addWake: (job, at) => {
      const slot = wakeSlot(at.getTime());
      return within(jobDeadlineMs, () =>
        queueOf("wakes").add("wake", envelope(job), {
          jobId: `${repositoryKey(job)}@${slot}`.replaceAll(":", "_"),
          delay: Math.max(0, slot * wakeSlotMs - Date.now()),
        }),
      );
    },
    addNotification: (job) =>
      within(jobDeadlineMs, () =>
        queueOf("notifications").add("notification", envelope(job), {
          jobId: notificationJobId(job),
        }),
      ),
  };
  return queue;
}

/** GitHub's events behind which somebody waits for an answer: they go before everything that programs sent. */
const fromPeople: ReadonlySet<string> = new Set(["issue_comment", "issues"]);

/** Workers can wait a little for a queue that is slow; what takes longer is tried again with the job that asked. */
const jobDeadlineMs = 10_000;
const maxRolloutDelayMs = 10_000;

const wakeSlotMs = 250;

/**
 * A wake comes at the end of the quarter of a second that was asked for, and one a repository and slot is as good as
 * many: a reconcile that runs often would else leave one behind each time. Whoever asks while it runs gets a later
 * slot, so none is swallowed.
 */
function wakeSlot(atMs: number): number {
  return Math.floor(Math.max(atMs, Date.now()) / wakeSlotMs) + 1;
}

async function within(deadlineMs: number, work: () => Promise<unknown>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("deadline exceeded")), deadlineMs);
  try {
    await Promise.race([work(), late]);
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault("queue.unavailable", "The queue does not take jobs at the moment.", {
      retryable: true,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}
