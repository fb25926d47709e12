import type { Notification, NotificationTarget } from "#core/notification.ts";

/** The jobs that Sluice runs; each carries keys and hints only, the worker reads the truth again. */
export type Jobs = {
  readonly deliveries: DeliveryJob;
  readonly reconcile: RepositoryJob;
  readonly rollouts: RolloutJob;
  readonly wakes: RepositoryJob;
  readonly notifications: NotificationJob;
  readonly loads: RolloutJob;
};

export type QueueName = keyof Jobs;

/** One webhook POST, stored before it was acknowledged. */
export type DeliveryJob = {
  readonly source: "github" | "registry" | "argocd";
  /** GitHub's delivery GUID, or our own for the other sources. */
  readonly id: string;
  /** GitHub's event name; empty for the other sources. */
  readonly event: string;
  /** The body as it came, JSON text. */
  readonly body: string;
  /** When GitHub sent what was read back from it, ISO 8601; missing: when it was stored. */
  readonly sentAt?: string;
  readonly traceparent?: string;
};

export type RepositoryJob = {
  readonly installation: number;
  /** `owner/name` of the GitOps repository. */
  readonly repository: string;
};

export type RolloutJob = RepositoryJob & {
  readonly environment: string;
  readonly service: string;
  readonly ring: string;
};

/** One thing that one place is to be told of: the outbox. Its id and the place name it. */
export type NotificationJob = RepositoryJob & {
  readonly target: NotificationTarget;
  /** `at` is ISO 8601. */
  readonly notification: Omit<Notification, "at"> & { readonly at: string };
  /** Origin of GitHub's pages. */
  readonly web: string;
};

/** Where work waits. Adding is durable when the promise resolves. */
export interface JobQueue {
  /**
   * Stores a delivery; the same id is stored once as long as it is remembered. What a person wrote is taken before all
   * that programs sent.
   */
  addDelivery(job: DeliveryJob): Promise<void>;
  /** Marks a repository to be reconciled: at most one run is active and at most one waits. */
  addReconcile(job: RepositoryJob, options?: { delayMs?: number }): Promise<void>;
  /** Same for a stream's rollout. `delayMs` is at most 10 s. */
  addRollout(job: RolloutJob, options?: { delayMs?: number }): Promise<void>;
  /** Has a stream's load test run: at most one is active and at most one waits. */
  addLoad(job: RolloutJob): Promise<void>;
  /** Marks the repository at a later moment. Never swallows, nor is swallowed by, anything else. */
  addWake(job: RepositoryJob, at: Date): Promise<void>;
  /** Stores what is to be told; the same thing for the same place is stored once while it waits. */
  addNotification(job: NotificationJob): Promise<void>;
}

/** What the worker tells a handler besides the job. */
export type JobContext = {
  readonly jobId: string;
  /** When it was stored. */
  readonly storedAt?: Date;
  /** How often it has been tried before: 0 on the first run. */
  readonly attempt: number;
  /** Aborted when the lock is lost or the process stops: goes into every outgoing call. */
  readonly signal: AbortSignal;
};

/**
 * How a run ended. `later` asks for the same job again at a time, without counting as a failure (GitHub forbade calls,
 * a rollout is not over).
 */
export type JobOutcome = { readonly kind: "done" } | { readonly kind: "later"; readonly at: Date };

export type JobHandlers = {
  readonly [Name in QueueName]: (job: Jobs[Name], context: JobContext) => Promise<JobOutcome>;
};
