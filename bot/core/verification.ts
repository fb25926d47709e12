import { sameArtifact, type Artifact } from "./artifact.ts";
import type { Hold, StreamState } from "./plan-types.ts";
import { endedWell, type Verdict } from "./verdict.ts";

/** How streams stand on one artifact. Only `verified` lets it go further. */
export type Verification =
  | { readonly kind: "no-targets" }
  /**
   * Every target is pinned or excluded, so there is nothing to verify and nothing to wait for. It does not block: people
   * took these tenants out of the flow on purpose, and one pin must not stop everybody else for good. A ring without
   * any target does: most likely its pattern is wrong.
   */
  | { readonly kind: "nothing-moves" }
  /** Every target ended healthy on it, but for `failures`, which are borne; `since` is the last of those verdicts. */
  | {
      readonly kind: "verified";
      readonly since: Date;
      readonly failures?: readonly string[] | undefined;
    }
  | { readonly kind: "failed"; readonly verdict: Verdict }
  /** The values files of these tenants cannot be read. */
  | { readonly kind: "refused"; readonly tenants: readonly string[] }
  /** These tenants have no verdict on it. */
  | { readonly kind: "missing"; readonly tenants: readonly string[] }
  /** It was verified, and then the stream was moved back from it; `hold` is null once a person let it go on. */
  | { readonly kind: "withdrawn"; readonly hold: Hold | null };

/** What a stream must wait for: an environment before its own, or a ring before it. */
export type Upstream = {
  readonly kind: "environment" | "ring";
  /** `staging`, or `prod/canary`. */
  readonly name: string;
  readonly streams: readonly StreamState[];
  /** By ring: how many tenants may fail; none where it is not named. */
  readonly maxFailures?: ReadonlyMap<string, number>;
};

/**
 * Verified means: at least one target, and every one verified on this very artifact, as many apart as the ring bears;
 * pinned and excluded ones are not asked. For each tenant the newest verdict on the artifact decides, whatever its commit; several good ones in a row count from the first, so that a soak goes
 * on. A rollout that was superseded says nothing.
 */
export function verifyUpstream(upstream: Upstream, artifact: Artifact): Verification {
  let since: Date | null = null;
  const found: Verification[] = [];
  const failures: string[] = [];
  let staying = false;
  for (const state of upstream.streams) {
    const bearable = upstream.maxFailures?.get(state.stream.ring) ?? 0;
    const verification = verifyStream(state, artifact, bearable);
    if (verification.kind === "verified") {
      if (since === null || verification.since > since) since = verification.since;
      failures.push(...(verification.failures ?? []));
    } else if (verification.kind === "nothing-moves") staying = true;
    else if (verification.kind !== "no-targets") found.push(verification);
  }
  for (const kind of ["failed", "refused", "missing", "withdrawn"] as const) {
    const worst = found.find((verification) => verification.kind === kind);
    if (worst !== undefined) return worst;
  }
  if (since !== null) return verified(since, failures);
  return { kind: staying ? "nothing-moves" : "no-targets" };
}

function verified(since: Date, failures: readonly string[]): Verification {
  return { kind: "verified", since, ...(failures.length === 0 ? {} : { failures }) };
}

function verifyStream(state: StreamState, artifact: Artifact, bearable: number): Verification {
  if (state.targets.length === 0)
    return { kind: (state.staying ?? []).length === 0 ? "no-targets" : "nothing-moves" };
  const standing = standingByTenant(state, artifact);
  const refused: string[] = [];
  const missing: string[] = [];
  const failures: string[] = [];
  let failed: Verdict | null = null;
  let since: Date | null = null;
  for (const { target, desired } of state.targets) {
    const tenant = standing.get(target.tenant);
    if (desired.kind === "refused") refused.push(target.tenant);
    else if (tenant === undefined) missing.push(target.tenant);
    else if (!("since" in tenant)) {
      failed = tenant;
      failures.push(target.tenant);
    } else if (since === null || tenant.since > since) since = tenant.since;
  }
  // Where nobody is well, nothing is verified, however many may fail.
  const borne = failures.length <= bearable && since !== null;
  if (failed !== null && !borne) return { kind: "failed", verdict: failed };
  if (refused.length > 0) return { kind: "refused", tenants: refused };
  if (missing.length > 0 || since === null) return { kind: "missing", tenants: missing };
  const withdrawal = state.holds.find((hold) => hold.reason === "moved-backwards");
  if (withdrawal !== undefined && !everyTargetHolds(state, artifact)) {
    return { kind: "withdrawn", hold: withdrawal };
  }
  if (wentBackFrom(state, artifact, standing)) return { kind: "withdrawn", hold: null };
  return verified(since, failures);
}

/**
 * Did a target leave it for what had been verified there before it? It must be verified anew: what was taken back, and
 * may come again, does so in order, canary first.
 */
function wentBackFrom(state: StreamState, artifact: Artifact, standing: Standing): boolean {
  return state.desired.some((group) => {
    if (group.previous === null || !sameArtifact(group.previous, artifact)) return false;
    const now = standingByTenant(state, group.artifact);
    return group.tenants.some((tenant) => {
      const [left, came] = [standing.get(tenant), now.get(tenant)];
      if (left === undefined || came === undefined) return false;
      return "since" in left && "since" in came && came.since < left.since;
    });
  });
}

/** Does any target of the stream still hold it? */
export function stillHolds(state: StreamState, artifact: Artifact): boolean {
  return state.desired.some((group) => sameArtifact(group.artifact, artifact));
}

function everyTargetHolds(state: StreamState, artifact: Artifact): boolean {
  return state.desired.every((group) => sameArtifact(group.artifact, artifact));
}

/** Of each tenant that was judged on the artifact: since when it has been verified, or the verdict against it. */
type Standing = ReadonlyMap<string, { readonly since: Date } | Verdict>;

function standingByTenant(state: StreamState, artifact: Artifact): Standing {
  const standing = new Map<string, { readonly since: Date } | Verdict>();
  for (const verdict of state.verdicts.toReversed()) {
    if (verdict.result === "superseded" || !sameArtifact(verdict.artifact, artifact)) continue;
    for (const tenant of verdict.tenants) {
      const before = standing.get(tenant);
      const good = endedWell(verdict, tenant);
      if (good && before !== undefined && "since" in before) continue;
      standing.set(tenant, good ? { since: verdict.at } : verdict);
    }
  }
  return standing;
}
