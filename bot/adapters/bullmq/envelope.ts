import type {
  DeliveryJob,
  Jobs,
  NotificationJob,
  QueueName,
  RepositoryJob,
  RolloutJob,
} from "#ports/job-queue.ts";

/** What is stored for one job: the job itself, and what the queue must remember about its runs. */
export type Envelope<Name extends QueueName = QueueName> = {
  readonly job: Jobs[Name];
  /** Span that added it. */
  readonly traceparent?: string;
  /** Runs in a row that ended in an outage: the next pause grows with it. */
  readonly outages?: number;
  /** The work is over and the body is gone; only the id is still remembered. */
  readonly finished?: true;
};

/** Fields by which a person finds the log lines of a job. Keys only: never the body of a delivery. */
export function logFields(name: QueueName, job: Jobs[QueueName]): Record<string, string | number> {
  if (name === "deliveries") {
    const delivery = job as DeliveryJob;
    return { delivery_id: delivery.id, source: delivery.source, event: delivery.event };
  }
  const { installation, repository } = job as RepositoryJob;
  if (name !== "rollouts" && name !== "loads") return { installation, repository };
  const { environment, service, ring } = job as RolloutJob;
  return { installation, repository, environment, service, ring };
}

/** BullMQ refuses `:` in an id and ids of digits only; the source in front rules the latter out. */
export function deliveryJobId(job: Pick<DeliveryJob, "source" | "id">): string {
  return `${job.source}-${job.id.toLowerCase().replaceAll(":", "_")}`;
}

export function repositoryKey(job: RepositoryJob): string {
  return `${job.installation}/${job.repository}`;
}

export function rolloutKey(job: RolloutJob): string {
  return `${repositoryKey(job)}/${job.environment}/${job.service}/${job.ring}`;
}

/** Behind the notification's own id stands the place that is told. */
export function notificationJobId({ target, notification }: NotificationJob): string {
  const place = target.kind === "slack" ? target.channel : target.name;
  return `${notification.id}-${target.kind}-${place}`.replaceAll(":", "_");
}
