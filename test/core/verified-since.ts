import { sameArtifact, type Artifact } from "#core/artifact.ts";
import type { PlanInput, StreamState } from "#core/plan-types.ts";
import type { TargetState } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";

/**
 * Since when everything before a stream has been verified (ms), and since when what its ring's soak counts from; null
 * when it is not. Computed a second time, from the input alone and without the code that plans.
 */
export function verifiedSince(
  input: PlanInput,
  { stream: own }: StreamState,
  artifact: Artifact,
): { environments: number; rings: number } | null {
  const { environments } = input.policy;
  const at = environments.findIndex(({ name }) => name === own.environment);
  let sinceEnvironments = 0;
  for (const { name } of environments.slice(0, at)) {
    const since = lastOf(input, name, null, artifact);
    if (since === null) return null;
    sinceEnvironments = Math.max(sinceEnvironments, since);
  }
  let sinceRings: number | null = null;
  for (const { name } of environments[at]?.rings ?? []) {
    if (name === own.ring) break;
    const since = lastOf(input, own.environment, name, artifact);
    if (since === null) return null;
    if (since > 0) sinceRings = Math.max(sinceRings ?? 0, since);
  }
  return { environments: sinceEnvironments, rings: sinceRings ?? sinceEnvironments };
}

/** Of one ring, or of all rings of an environment. 0 where everybody there is pinned. */
function lastOf(
  { policy, streams }: PlanInput,
  environment: string,
  ring: string | null,
  artifact: Artifact,
): number | null {
  const states = streams.filter(
    ({ stream }) => stream.environment === environment && (ring ?? stream.ring) === stream.ring,
  );
  const rings = policy.environments.find(({ name }) => name === environment)?.rings ?? [];
  let last = 0;
  for (const state of states) {
    const bears = rings.find(({ name }) => name === state.stream.ring)?.maxFailures ?? 0;
    const ends = state.targets.map((target) => endOf(state, target, artifact));
    const good = ends.flatMap((end) => (typeof end === "number" ? [end] : []));
    const bad = ends.filter((end) => end === "failed").length;
    if (ends.includes("nothing")) return null;
    if (bad > 0 && (bad > bears || good.length === 0)) return null;
    last = Math.max(last, ...good);
  }
  const nobody = states.every(({ targets }) => targets.length === 0);
  return nobody && states.every(({ staying }) => staying?.length === 0) ? null : last;
}

/** Since when a target has been well on an artifact, without a break. */
function endOf(
  { verdicts }: StreamState,
  { target: { tenant }, desired }: TargetState,
  artifact: Artifact,
): number | "failed" | "nothing" {
  const own = verdicts.filter(
    (one) =>
      one.result !== "superseded" &&
      sameArtifact(one.artifact, artifact) &&
      one.tenants.includes(tenant),
  );
  const [newest] = own;
  if (desired.kind === "refused" || newest === undefined) return "nothing";
  const isGood = ({ result, failures }: Verdict) =>
    result === "verified" && failures?.includes(tenant) !== true;
  if (!isGood(newest)) return "failed";
  const broken = own.findIndex((one) => !isGood(one));
  return own.at(broken === -1 ? -1 : broken - 1)?.at.getTime() ?? 0;
}
