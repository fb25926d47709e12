import { sameArtifact, type Artifact } from "./artifact.ts";
import type { StreamState } from "./plan-types.ts";
import { endedWell } from "./verdict.ts";

/** An artifact that was verified in one target, and that nothing said against since. */
export type Verified = {
  readonly artifact: Artifact;
  /** It was verified there before what stands there now came for the first time. */
  readonly isBefore: boolean;
};

type Known = { artifact: Artifact; good: boolean; at: number[]; verifiedAt: number[] };

/**
 * By tenant: what was verified there besides what stands there, the last before that came first. What stood there,
 * went and came back counts from the first time: a way back never leads to what came after it.
 *
 * @param pinned the policy pins digests: what has none known cannot be written into a file.
 */
export function verifiedBefore(
  state: StreamState,
  pinned: boolean,
): ReadonlyMap<string, readonly Verified[]> {
  const known = knownByTenant(state);
  const broughtAt = new Map(
    state.desired.flatMap((group) =>
      group.tenants.map((tenant) => [tenant, group.broughtAt.getTime()] as const),
    ),
  );
  const result = new Map<string, readonly Verified[]>();
  for (const { target, desired } of state.targets) {
    if (desired.kind === "refused") continue;
    const own = known.get(target.tenant) ?? [];
    const standing = own.find(({ artifact }) => sameArtifact(artifact, desired.artifact));
    const came = Math.min(broughtAt.get(target.tenant) ?? Infinity, ...(standing?.at ?? []));
    const others = own.filter(
      (one) => one !== standing && one.good && !(pinned && one.artifact.digest === null),
    );
    const rated = others.map(({ artifact, verifiedAt }) => {
      const before = verifiedAt.filter((at) => at < came);
      return { artifact, isBefore: before.length > 0, last: Math.max(...before, -Infinity) };
    });
    result.set(
      target.tenant,
      rated
        .toSorted((one, other) => (one.last === other.last ? 0 : other.last - one.last))
        .map(({ artifact, isBefore }) => ({ artifact, isBefore })),
    );
  }
  return result;
}

/** `good` is what the newest verdict says that says anything. */
function knownByTenant({ verdicts }: StreamState): ReadonlyMap<string, readonly Known[]> {
  const byTenant = new Map<string, Known[]>();
  for (const verdict of verdicts) {
    if (verdict.result === "superseded") continue;
    const at = verdict.at.getTime();
    for (const tenant of verdict.tenants) {
      const own = byTenant.get(tenant) ?? [];
      byTenant.set(tenant, own);
      const good = endedWell(verdict, tenant);
      let entry = own.find(({ artifact }) => sameArtifact(artifact, verdict.artifact));
      if (entry === undefined) {
        entry = { artifact: verdict.artifact, good, at: [], verifiedAt: [] };
        own.push(entry);
      }
      entry.at.push(at);
      if (good) entry.verifiedAt.push(at);
    }
  }
  return byTenant;
}
