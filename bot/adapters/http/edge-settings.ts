import type { DeliveryJob } from "#ports/job-queue.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

/** The secret that signs now, and during a rotation the one before it. */
export type RotatingSecret = { readonly current: string; readonly previous: string | null };

export type EdgeSettings = {
  readonly host: string;
  /** 0: the system chooses. */
  readonly port: number;
  readonly webhookSecret: RotatingSecret;
  /** Null: `POST /webhooks/registry/generic` is off. */
  readonly registryWebhookSecret: string | null;
  /** Null: `POST /webhooks/argocd` is off. */
  readonly argocdWebhookToken: string | null;
  /** Largest body, bytes. Default 2 MiB. */
  readonly maxBodyBytes?: number;
  /** For headers, and for the whole request. Default 10 s. */
  readonly timeoutMs?: number;
  /** Open connections at most. Default 2,000. */
  readonly maxConnections?: number;
};

export type EdgeDeps = {
  /** Stores a delivery durably; throws a Fault when it cannot. */
  readonly addDelivery: (job: DeliveryJob) => Promise<void>;
  /** GitHub's event names that the flow does something with; others are acknowledged and dropped. */
  readonly handledEvents: ReadonlySet<string>;
  /** Throws a Fault with the reason while not ready. */
  readonly ready: () => Promise<void>;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
};

export type Edge = {
  /** `http://127.0.0.1:3000` */
  readonly url: string;
  readonly port: number;
  /** Takes no more connections, answers what is under way, and cuts what is left at the deadline. */
  close(deadlineMs: number): Promise<void>;
};
