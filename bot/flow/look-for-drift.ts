import type { Application } from "#core/application.ts";
import { findDrift, type DriftCount } from "#core/drift.ts";
import { Fault } from "#core/error.ts";
import { findLags } from "#core/lag.ts";

import { measureDrift } from "./measure-drift.ts";
import type { Planned } from "./plan-repository.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** By environment: what is not as Git wants it; null where nobody could be asked. */
export type SeenDrift = ReadonlyMap<string, DriftCount | null>;

/** Between two looks at least: a list of a thousand applications is no small thing. Ours. */
const pauseMs = 60_000;

type Seen = {
  readonly at: number;
  readonly environments: Readonly<Record<string, DriftCount | null>>;
};

/**
 * What drifted, and what lags, on this look at the repository: one list of applications an Argo CD instance, however
 * many environments and tenants it has. Between two looks the last one stands.
 */
export async function lookForDrift(
  context: RepositoryContext,
  { policy, states }: Planned,
): Promise<SeenDrift> {
  const known = await context.memory.get<Seen>("drift");
  const now = context.now.getTime();
  if (known !== null && now - known.at < pauseMs)
    return new Map(Object.entries(known.environments));
  const lists = new Map<string, Promise<readonly Application[] | null>>();
  const seen = new Map<string, DriftCount | null>();
  const measured = new Map<string, { drift: DriftCount; lagSeconds: number }>();
  const lags = findLags(policy, states);
  for (const { name, argocd } of policy.environments) {
    const own = states.filter(({ stream }) => stream.environment === name);
    const list = lists.get(argocd) ?? listApplications(context, argocd);
    lists.set(argocd, list);
    const drift = findDrift(own, await list);
    seen.set(name, drift);
    const since = [...lags].flatMap(([key, lag]) =>
      key.startsWith(`${name}/`) ? [lag.since.getTime()] : [],
    );
    const lagSeconds = since.length === 0 ? 0 : Math.max(0, now - Math.min(...since)) / 1000;
    measured.set(name, { drift, lagSeconds });
  }
  await measureDrift(context, measured);
  await context.memory.set("drift", {
    at: now,
    environments: Object.fromEntries(seen),
  } satisfies Seen);
  return seen;
}

/** Null where there is no such instance, or it does not answer: that is no drift. */
async function listApplications(
  { deps, signal }: RepositoryContext,
  instance: string,
): Promise<readonly Application[] | null> {
  const deployer = deps.deployers.instance(instance);
  if (deployer === null) return null;
  try {
    return await deployer.applications(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return null;
  }
}
