import type { Clock } from "#ports/clock.ts";
import type { Deployer, Deployers } from "#ports/deployer.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

import { deadlines, openInstance, type Deadlines } from "./instance.ts";
import { connectRequests, retryPauses, type ArgocdInstance } from "./request.ts";

/** The Argo CD instances of the settings. Nothing is called before the first use. */
export function connectArgocd(options: {
  readonly instances: readonly ArgocdInstance[];
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** Takes secrets out of what Argo CD says. */
  readonly redact?: (text: string) => string;
  /** 0 to 1: spreads calls. */
  readonly random?: () => number;
  readonly deadlines?: Partial<Deadlines>;
  readonly pauses?: readonly number[];
}): Deployers {
  const full = {
    ...options,
    redact: options.redact ?? ((text: string) => text),
    random: options.random ?? Math.random,
    pauses: options.pauses ?? retryPauses,
    deadlines: { ...deadlines, ...options.deadlines },
  };
  const byName = new Map<string, Deployer>(
    options.instances.map((instance) => [
      instance.name,
      openInstance(instance, connectRequests(instance, full), full),
    ]),
  );
  return {
    names: () => [...byName.keys()],
    instance: (name) => byName.get(name) ?? null,
  };
}
