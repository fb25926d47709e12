import type { Job, Processor, Queue, Worker } from "bullmq";

import type { Facts } from "#ports/facts.ts";
import type { QueueName } from "#ports/job-queue.ts";

import type { Envelope } from "./envelope.ts";

export type StoredQueue = Queue<Envelope, unknown>;
export type StoredWorker = Worker<Envelope, unknown>;
export type StoredJob = Job<Envelope, unknown>;
export type StoredProcessor = Processor<Envelope, unknown>;

/** Where jobs and facts live. Three implementations: embedded, PostgreSQL, Redis. */
export type QueueBackend = {
  readonly kind: "embedded" | "postgres" | "redis";
  /** How long storing a delivery may take: GitHub must hear within a second that it failed. Milliseconds. */
  readonly deliveryDeadlineMs: number;
  /**
   * Reaches the backend, checks that it can be trusted with jobs, and brings its schema up to date. Throws a Fault:
   * retryable while it is out of reach, not retryable when it must not be used as it is.
   */
  prepare(): Promise<void>;
  createQueue(name: QueueName): StoredQueue;
  createWorker(name: QueueName, processor: StoredProcessor, tuning: WorkerTuning): StoredWorker;
  /**
   * Runs an add of a deduplicated job alone among those of its key. BullMQ's check is one step on Redis and PGlite; on
   * PostgreSQL two adds at once both find nothing and both store a job.
   */
  alone(key: string, add: () => Promise<unknown>): Promise<unknown>;
  /**
   * Was a job added under this deduplication id while the one before it ran? BullMQ keeps it aside until that one is
   * finished, and has no question for it.
   */
  hasFollower(name: QueueName, deduplicationId: string): Promise<boolean>;
  /** Takes it away, for a job that is still active and answers it by running again. True when there was one. */
  takeFollower(name: QueueName, deduplicationId: string): Promise<boolean>;
  readonly facts: Facts;
  /** Resolves when the backend answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
};

export type WorkerTuning = {
  readonly concurrency: number;
  readonly lockDurationMs: number;
  readonly stalledIntervalMs: number;
};
