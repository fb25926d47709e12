import { setTimeout as pause } from "node:timers/promises";

import { Fault, messageOf } from "#core/error.ts";
import type { Facts } from "#ports/facts.ts";
import type { JobHandlers, JobQueue, QueueName } from "#ports/job-queue.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

import { failedJobs } from "./failed-jobs.ts";
import type { FailedJobs } from "./failed-jobs.ts";
import { createProducer } from "./producer.ts";
import type { QueueBackend, StoredQueue } from "./queue-backend.ts";
import { queueNames } from "./queue-defaults.ts";
import { readStats } from "./queue-stats.ts";
import type { QueueStats } from "./queue-stats.ts";
import { steadyWarning } from "./steady-warning.ts";
import { startWorkers } from "./workers.ts";
import type { WorkerOptions, Workers } from "./workers.ts";

export type QueueSettings =
  | { readonly kind: "embedded"; readonly dataDir: string }
  | { readonly kind: "postgres"; readonly url: string }
  | { readonly kind: "redis"; readonly url: string; readonly prefix?: string };

export type QueueDeps = {
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly redact: (text: string) => string;
};

export type OpenQueue = {
  readonly queue: JobQueue;
  readonly facts: Facts;
  readonly failed: FailedJobs;
  /** Once: begins to run jobs, or will as soon as the backend is reached. */
  startWorkers(handlers: JobHandlers, options?: WorkerOptions): void;
  /** Resolves when the backend is reached, fit and migrated; throws a Fault that says what is missing. */
  ready(): Promise<void>;
  /** Jobs by queue and state; also sets the gauges `queue_jobs` and `queue_oldest_waiting_seconds`. */
  stats(): Promise<readonly QueueStats[]>;
  /** Stops the workers (see `Workers.stop`), then lets go of the backend. */
  close(deadlineMs: number): Promise<void>;
};

/** How long the start waits for a backend that is away before it goes on without it, not ready. */
const startPatienceMs = 5_000;

/**
 * Opens the queue and the facts. Throws where the backend must not be used as it is (a Fault with the remedy); one
 * that is merely away is tried until it comes, and everything is a retryable Fault meanwhile.
 */
export async function openQueue(settings: QueueSettings, deps: QueueDeps): Promise<OpenQueue> {
  const trouble = steadyWarning(deps.log, "the queue has trouble with its backend");
  const backend = await openBackend(settings, deps.log, trouble);
  const queues = new Map<QueueName, StoredQueue>();
  let notReady = new Fault("queue.unavailable", "The queue has not been reached yet.", {
    retryable: true,
  });
  let closed = false;
  let workers: Workers | null = null;
  let pending: (() => void) | null = null;

  async function attempt(): Promise<void> {
    await backend.prepare();
    const opened = queueNames.map((name) => {
      const queue = backend.createQueue(name);
      queue.on("error", (error) => trouble(error, { queue: name }));
      return [name, queue] as const;
    });
    try {
      await inTime(Promise.all(opened.map(([, queue]) => queue.waitUntilReady())), 10_000);
    } catch (error) {
      await Promise.allSettled(opened.map(([, queue]) => queue.disconnect()));
      throw error;
    }
    for (const [name, queue] of opened) queues.set(name, queue);
    pending?.();
  }

  async function keepTrying(): Promise<void> {
    while (!closed) {
      try {
        await attempt();
        return;
      } catch (error) {
        notReady = asFault(error);
        trouble(error);
        if (!notReady.retryable) throw notReady;
        await pause(500);
      }
    }
  }

  const opening = keepTrying();
  opening.catch(() => undefined);
  await Promise.race([opening, pause(startPatienceMs, undefined, { ref: false })]).catch(
    async (error: unknown) => {
      await backend.close();
      throw error;
    },
  );

  function queueOf(name: QueueName): StoredQueue {
    const queue = queues.get(name);
    if (queue === undefined) throw notReady;
    return queue;
  }

  return {
    queue: createProducer(queueOf, { backend, tracer: deps.tracer }),
    facts: backend.facts,
    failed: failedJobs(queueOf),
    startWorkers: (handlers, options = {}) => {
      const start = (): void => {
        if (!closed) workers = startWorkers(backend, handlers, { ...deps, trouble }, options);
      };
      if (queues.size > 0) start();
      else pending = start;
    },
    ready: async () => {
      queueOf("deliveries");
      await inTime(backend.ping(), 1_000).catch((error: unknown) => {
        throw asFault(error);
      });
    },
    stats: () => inTime(readStats(queueOf, deps.meter), 2_000),
    close: async (deadlineMs) => {
      closed = true;
      await workers?.stop(deadlineMs);
      await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}

/** Each backend brings its own large library: only the one in use is loaded. */
async function openBackend(
  settings: QueueSettings,
  log: Log,
  onError: (error: unknown) => void,
): Promise<QueueBackend> {
  const onWarning = (sentence: string): void =>
    log.warn({ remedy: sentence }, "the queue's backend should be looked at");
  switch (settings.kind) {
    case "embedded": {
      const { openEmbeddedBackend } = await import("./embedded-backend.ts");
      return openEmbeddedBackend(settings.dataDir, onError, onWarning);
    }
    case "postgres": {
      const { postgresBackend } = await import("./postgres-backend.ts");
      return postgresBackend({ url: settings.url }, { onError });
    }
    case "redis": {
      const { redisBackend } = await import("./redis-backend.ts");
      return redisBackend(settings.url, {
        ...(settings.prefix === undefined ? {} : { prefix: settings.prefix }),
        onError,
        onWarning,
      });
    }
  }
}

async function inTime<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Fault("queue.unavailable", "The queue does not answer at the moment.", {
      retryable: true,
    });
    reject(error);
  }, patienceMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault("queue.unavailable", `The queue does not answer: ${messageOf(error)}`, {
    retryable: true,
    cause: error,
  });
}
