import type { Application } from "./application.ts";
import { sameArtifact } from "./artifact.ts";
import type { StreamState } from "./plan-types.ts";
import { viewImages } from "./rollout-images.ts";
import { isOpen } from "./verdict.ts";

/** Targets of one environment that are not as Git wants them. Names of tenants, sorted. */
export type DriftCount = {
  /** There is no Argo CD application of its name. */
  readonly missing: readonly string[];
  /** What runs is not what Git wants, although its rollout is over. */
  readonly drifted: readonly string[];
  /** It holds another artifact than those of its ring that changed last, and no promotion is open there. */
  readonly behind: readonly string[];
};

/**
 * Compares what Git wants with one list of an environment's applications. The list is a hint that may be seconds old:
 * what is being rolled out or promoted, what was superseded, and what shows no image of the service is left out. Where
 * the list is null nobody could be asked: then only what stands in Git is compared.
 */
export function findDrift(
  states: readonly StreamState[],
  applications: readonly Application[] | null,
): DriftCount {
  const byName = new Map(applications?.map((application) => [application.name, application]));
  const missing = new Set<string>();
  const drifted = new Set<string>();
  const behind = new Set<string>();
  for (const state of states) {
    for (const tenant of behindRing(state)) behind.add(tenant);
    if (applications === null) continue;
    const settled = settledTenants(state);
    for (const { target, desired } of state.targets) {
      const application = byName.get(target.application);
      if (application === undefined || application.deleting) missing.add(target.tenant);
      else if (desired.kind === "artifact" && settled.has(target.tenant)) {
        const view = viewImages(application.images, desired.artifact);
        if (view === "others") drifted.add(target.tenant);
      }
    }
  }
  return { missing: [...missing].sort(), drifted: [...drifted].sort(), behind: [...behind].sort() };
}

/** Tenants whose artifact was rolled out to the end by the very commit that brought it. */
function settledTenants(state: StreamState): ReadonlySet<string> {
  const settled = state.desired.filter((group) =>
    state.verdicts.some(
      (verdict) =>
        !isOpen(verdict) &&
        verdict.commit === group.commit &&
        sameArtifact(verdict.artifact, group.artifact),
    ),
  );
  return new Set(settled.flatMap(({ tenants }) => tenants));
}

/** Everybody but those that changed last; nobody while a promotion is open, which is what brings them together. */
function behindRing({ desired, open }: StreamState): readonly string[] {
  if (open !== null || desired.length < 2) return [];
  const [, ...others] = desired.toSorted(
    (one, other) =>
      other.broughtAt.getTime() - one.broughtAt.getTime() ||
      other.tenants.length - one.tenants.length,
  );
  return others.flatMap(({ tenants }) => tenants);
}
