import { setTimeout as pause } from "node:timers/promises";

import { openQueue } from "#adapters/bullmq/open-queue.ts";
import type { OpenQueue, QueueSettings } from "#adapters/bullmq/open-queue.ts";
import type { JobFailure, WorkerOptions } from "#adapters/bullmq/workers.ts";
import type {
  DeliveryJob,
  JobContext,
  JobHandlers,
  JobOutcome,
  NotificationJob,
  RepositoryJob,
  RolloutJob,
} from "#ports/job-queue.ts";

import { quietDeps } from "./quiet.ts";
import type { Counted } from "./quiet.ts";

export const done: JobOutcome = { kind: "done" };

export function later(ms: number): JobOutcome {
  return { kind: "later", at: new Date(Date.now() + ms) };
}

type Handler<Job> = (job: Job, context: JobContext) => Promise<JobOutcome>;

/** One open queue for many tests: every test brings handlers for its own repository or deliveries. */
export type Stage = {
  readonly open: OpenQueue;
  readonly counted: readonly Counted[];
  readonly failures: readonly JobFailure[];
  /** A repository that no other test knows. */
  readonly repository: () => RepositoryJob;
  readonly onReconcile: (repository: RepositoryJob, handler: Handler<RepositoryJob>) => void;
  readonly onRollout: (repository: RepositoryJob, handler: Handler<RolloutJob>) => void;
  readonly onWake: (repository: RepositoryJob, handler: Handler<RepositoryJob>) => void;
  readonly onNotification: (repository: RepositoryJob, handler: Handler<NotificationJob>) => void;
  readonly onDelivery: (id: string, handler: Handler<DeliveryJob>) => void;
  readonly close: () => Promise<void>;
};

/** Short enough to test what is lost and found, long enough for a busy machine. */
export const shortLocks: WorkerOptions = {
  lockDurationMs: 3_000,
  stalledIntervalMs: 500,
  firstPauseMs: 20,
};

export async function openStage(
  settings: QueueSettings,
  options: WorkerOptions = { firstPauseMs: 20 },
): Promise<Stage> {
  const deps = quietDeps();
  const open = await openQueue(settings, deps);
  const handlers = new Map<string, Handler<never>>();
  const failures: JobFailure[] = [];

  function play<Job>(kind: string, key: (job: Job) => string): Handler<Job> {
    return async (job, context) => {
      const handler = handlers.get(`${kind} ${key(job)}`) as Handler<Job> | undefined;
      return handler === undefined ? done : handler(job, context);
    };
  }

  const byRepository = (job: RepositoryJob): string => job.repository;
  const all: JobHandlers = {
    deliveries: play<DeliveryJob>("delivery", (job) => job.id),
    reconcile: play<RepositoryJob>("reconcile", byRepository),
    rollouts: play<RolloutJob>("rollout", byRepository),
    wakes: play<RepositoryJob>("wake", byRepository),
    notifications: play<NotificationJob>("notification", byRepository),
    loads: play<RolloutJob>("load", byRepository),
  };
  open.startWorkers(all, {
    ...options,
    onFailed: async (failure) => Promise.resolve(void failures.push(failure)),
  });

  return {
    open,
    counted: deps.counted,
    failures,
    repository: () => ({ installation: 7, repository: `acme/${crypto.randomUUID()}` }),
    onReconcile: (job, handler) => void handlers.set(`reconcile ${job.repository}`, handler),
    onRollout: (job, handler) => void handlers.set(`rollout ${job.repository}`, handler),
    onWake: (job, handler) => void handlers.set(`wake ${job.repository}`, handler),
    onNotification: (job, handler) => void handlers.set(`notification ${job.repository}`, handler),
    onDelivery: (id, handler) => void handlers.set(`delivery ${id}`, handler),
    close: () => open.close(5_000),
  };
}

/** Waits until something is so, and says what was awaited when it never is. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  patienceMs = 45_000,
): Promise<void> {
  const end = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${patienceMs} ms in vain until ${what}`);
    await pause(10);
  }
}

export function delivery(id: string, body = '{"zen":"Keep it logically awesome."}'): DeliveryJob {
  return { source: "github", id, event: "push", body };
}

export function rollout(job: RepositoryJob): RolloutJob {
  return { ...job, environment: "dev", service: "demo-api", ring: "all" };
}
