import type { AttestationVerifier } from "#ports/attestation-verifier.ts";
import type { Clock } from "#ports/clock.ts";
import type { CodeHost } from "#ports/code-host.ts";
import type { Deployers } from "#ports/deployer.ts";
import type { Facts } from "#ports/facts.ts";
import type { JobQueue } from "#ports/job-queue.ts";
import type { LoadDriver } from "#ports/load-driver.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Measurements } from "#ports/measurements.ts";
import type { Meter } from "#ports/meter.ts";
import type { Notifier } from "#ports/notifier.ts";
import type { Registry } from "#ports/registry.ts";

/** The roles that the flow plays with. `main.ts` casts them. */
export type Deps = {
  readonly host: CodeHost;
  readonly registry: Registry;
  readonly deployers: Deployers;
  readonly measurements: Measurements;
  readonly attestations: AttestationVerifier;
  readonly load: LoadDriver;
  readonly notifier: Notifier;
  readonly queue: JobQueue;
  readonly facts: Facts;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
};
