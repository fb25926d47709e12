import type { Clock } from "#ports/clock.ts";
import type { Deployer, Deployers } from "#ports/deployer.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

import { openInstance } from "./instance.ts";
import { connectRequests, type ArgocdInstance } from "./request.ts";

/** The Argo CD instances of the settings. Nothing is called before the first use. */
export function connectArgocd(options: {
  readonly instances: readonly ArgocdInstance[];
  readonly log: Log;
  readonly meter: Meter;
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** 0 to 1: spreads calls. */
  readonly random?: () => number;
}): Deployers {
  const random = options.random ?? Math.random;
  const byName = new Map<string, Deployer>(
    options.instances.map((instance) => [
      instance.name,
      openInstance(instance, connectRequests(instance, options), { ...options, random }),
    ]),
  );
  return {
    names: () => [...byName.keys()],
    instance: (name) => byName.get(name) ?? null,
  };
}
