import { formatArtifact, sameArtifact, type Artifact } from "./artifact.ts";
import type { Inquiry } from "./inquiry.ts";
import type { DesiredArtifact, Hold, PlanInput, StreamState } from "./plan-types.ts";
import type { EnvironmentPolicy, RingPolicy, ServicePolicy } from "./policy.ts";
import { isOpen } from "./verdict.ts";
import { verifyUpstream, type Upstream, type Verification } from "./verification.ts";

/** One stream with everything that decides about it. */
export type PlanContext = {
  readonly now: Date;
  readonly service: ServicePolicy;
  readonly environment: EnvironmentPolicy;
  readonly ring: RingPolicy;
  readonly state: StreamState;
  /** Environments before, in order, then rings before. */
  readonly upstream: readonly Upstream[];
  readonly candidates: readonly Artifact[];
  readonly deployers: readonly string[];
  readonly freezes: PlanInput["freezes"];
  readonly inquiry: Inquiry;
  /** The distinct artifacts that its readable targets hold. */
  readonly current: readonly Artifact[];
  /** What the holds on the stream are, those included that its own failed rollouts are. */
  readonly holds: readonly Hold[];
  /** Remembered for the length of one plan: a large ring is judged once an artifact. */
  readonly verifications: Map<Upstream, Map<string, Verification>>;
};

export function distinctCurrent(state: StreamState): readonly Artifact[] {
  const seen = new Map<string, Artifact>();
  for (const { desired } of state.targets) {
    if (desired.kind === "artifact") seen.set(artifactKey(desired.artifact), desired.artifact);
  }
  return [...seen.values()];
}

/** Telling artifacts of one service apart. */
export function artifactKey({ tag, digest }: Artifact): string {
  return digest === null ? tag : `${tag}@${digest}`;
}

/**
 * What Git wants here without a verdict: none on the same artifact from the same commit, or a tenant that no verdict on
 * it covers (a tenant that came later).
 */
export function awaitingVerdict(state: StreamState): readonly DesiredArtifact[] {
  return state.desired.filter((group) => {
    const verdicts = state.verdicts.filter(
      (verdict) => !isOpen(verdict) && sameArtifact(verdict.artifact, group.artifact),
    );
    if (!verdicts.some((verdict) => verdict.commit === group.commit)) return true;
    const judged = new Set(verdicts.flatMap((verdict) => verdict.tenants));
    return !group.tenants.every((tenant) => judged.has(tenant));
  });
}

/** The holds on a stream: those that were stated, and one for each artifact that stands there and failed. */
export function holdsOn(state: StreamState): readonly Hold[] {
  const failures = state.desired.flatMap((group) => {
    const verdict = newestVerdict(state, group.artifact);
    if (verdict === undefined || verdict.result === "verified") return [];
    const stated = state.holds.some(
      (hold) => hold.artifact !== null && sameArtifact(hold.artifact, group.artifact),
    );
    if (stated) return [];
    const ended = verdict.result === "timed-out" ? "ran out of time" : "failed";
    return [
      {
        reason: "rollout-failed",
        sentence: `The rollout of ${group.artifact.tag} ${ended}: only a newer artifact may enter.`,
        since: verdict.at,
        artifact: group.artifact,
      } as const,
    ];
  });
  return failures.length === 0 ? state.holds : [...state.holds, ...failures];
}

/** The newest verdict on an artifact that says anything about it. */
export function newestVerdict(state: StreamState, artifact: Artifact) {
  return state.verdicts.find(
    (verdict) => verdict.result !== "superseded" && sameArtifact(verdict.artifact, artifact),
  );
}

/** How everything before the stream stands on an artifact. */
export function verifications(
  context: PlanContext,
  artifact: Artifact,
): readonly (Upstream & { readonly verification: Verification })[] {
  return context.upstream.map((upstream) => ({
    ...upstream,
    verification: verify(context, upstream, artifact),
  }));
}

function verify(context: PlanContext, upstream: Upstream, artifact: Artifact): Verification {
  let known = context.verifications.get(upstream);
  if (known === undefined) {
    known = new Map();
    context.verifications.set(upstream, known);
  }
  const key = formatArtifact(artifact);
  let verification = known.get(key);
  if (verification === undefined) {
    verification = verifyUpstream(upstream, artifact);
    known.set(key, verification);
  }
  return verification;
}

/** Streams of one service, by environment and ring, in the order in which an artifact passes them. */
export function upstreamsOf(
  input: PlanInput,
  byKey: ReadonlyMap<string, StreamState>,
  service: string,
): ReadonlyMap<string, readonly Upstream[]> {
  const result = new Map<string, readonly Upstream[]>();
  const before: Upstream[] = [];
  for (const environment of input.policy.environments) {
    const rings: Upstream[] = [];
    const maxFailures = new Map(environment.rings.map((ring) => [ring.name, ring.maxFailures]));
    for (const ring of environment.rings) {
      const key = `${environment.name}/${service}/${ring.name}`;
      result.set(key, [...before, ...rings]);
      const state = byKey.get(key);
      rings.push({
        kind: "ring",
        name: `${environment.name}/${ring.name}`,
        streams: state === undefined ? [] : [state],
        maxFailures,
      });
    }
    before.push({
      kind: "environment",
      name: environment.name,
      streams: rings.flatMap((ring) => ring.streams),
      maxFailures,
    });
  }
  return result;
}
