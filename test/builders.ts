import type { Artifact } from "#core/artifact.ts";
import type { DesiredArtifact, OpenPromotion, PlanInput, StreamState } from "#core/plan-types.ts";
import type { EnvironmentPolicy, Policy, RingPolicy, ServicePolicy } from "#core/policy.ts";
import type { Stream, Target, TargetState } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";

/** Every builder gives something valid; a test names only what it is about. */
const image = "ghcr.io/acme/demo-api";
export const noon = new Date("2026-03-02T12:00:00Z");

/** `hours:minutes` before noon, or after it where negative. */
export function before(minutes: number): Date {
  return new Date(noon.getTime() - minutes * 60_000);
}

export function anArtifact(tag = "v1", change: Partial<Artifact> = {}): Artifact {
  return { repository: image, tag, digest: null, revision: null, ...change };
}

export function aService(change: Partial<ServicePolicy> = {}): ServicePolicy {
  return {
    name: "demo-api",
    image,
    source: { repository: "acme/demo-api", branch: "main", workflow: null },
    match: /^v[0-9]+$/,
    order: "ancestry",
    values: { file: "tenants/{tenant}/{environment}.yaml", tag: "image.tag", digest: null },
    application: "{tenant}-{environment}",
    ...change,
  };
}

export function anEnvironment(
  name: string,
  change: Partial<EnvironmentPolicy> = {},
): EnvironmentPolicy {
  return {
    name,
    merge: "auto",
    argocd: "default",
    promoters: { permission: "write", teams: [] },
    gates: [],
    rings: [aRing()],
    supersede: "update",
    deployments: true,
    rollout: { timeoutMs: 900_000, onFailure: "halt" },
    ...change,
  };
}

/** dev → staging (10 minutes of soak) → prod (a person, an hour of soak). */
export function aPolicy(change: Partial<Policy> = {}): Policy {
  return {
    services: [aService()],
    environments: [
      anEnvironment("dev"),
      anEnvironment("staging", { gates: [{ kind: "soak", forMs: 600_000 }] }),
      anEnvironment("prod", { merge: "manual", gates: [{ kind: "soak", forMs: 3_600_000 }] }),
    ],
    freezes: [],
    notifications: [],
    pins: [],
    excluded: [],
    ...change,
  };
}

/** A ring that takes everyone. */
export function aRing(name = "all", change: Partial<RingPolicy> = {}): RingPolicy {
  return {
    name,
    takes: { kind: "names", patterns: ["*"] },
    soakMs: 0,
    maxFailures: 0,
    ...change,
  };
}

export function aStream(change: Partial<Stream> = {}): Stream {
  return { environment: "dev", service: "demo-api", ring: "all", ...change };
}

export function aTarget(tenant = "a", change: Partial<Target> = {}): Target {
  const stream = aStream(change);
  return {
    ...stream,
    tenant,
    file: `tenants/${tenant}/${stream.environment}.yaml`,
    application: `${tenant}-${stream.environment}`,
    ...change,
  };
}

export function aTargetState(target: Target, artifact: Artifact): TargetState {
  return { target, desired: { kind: "artifact", artifact } };
}

export function aRefusedTarget(target: Target): TargetState {
  const refusal = {
    reason: "not-yaml",
    file: target.file,
    path: "image.tag",
    sentence: `${target.file} is not valid YAML; mend the file.`,
  } as const;
  return { target, desired: { kind: "refused", refusal } };
}

export function aVerdict(artifact: Artifact, change: Partial<Verdict> = {}): Verdict {
  return {
    artifact,
    result: "verified",
    at: before(120),
    commit: commitOf(artifact),
    tenants: ["a", "b"],
    sentence: "Healthy everywhere.",
    ...change,
  };
}

/** The commit that brought an artifact into a stream, unless a test says another. */
function commitOf({ tag }: Artifact): string {
  return `commit-of-${tag}`;
}

/** A stream's state from its targets: what they hold is grouped as observation does it. */
export function aStreamState(
  stream: Stream,
  targets: readonly TargetState[],
  change: Partial<StreamState> = {},
): StreamState {
  const groups = new Map<string, DesiredArtifact & { tenants: string[] }>();
  for (const { target, desired } of targets) {
    if (desired.kind === "refused") continue;
    const { artifact } = desired;
    const key = `${artifact.tag}@${artifact.digest}`;
    const group = groups.get(key) ?? {
      artifact,
      commit: commitOf(artifact),
      broughtAt: before(180),
      previous: null,
      mergedAt: before(180),
      tenants: [],
    };
    group.tenants.push(target.tenant);
    groups.set(key, group);
  }
  return {
    stream,
    targets,
    desired: [...groups.values()],
    verdicts: [],
    open: null,
    holds: [],
    vetoes: [],
    ...change,
  };
}

export function anOpenPromotion(
  artifact: Artifact,
  change: Partial<OpenPromotion> = {},
): OpenPromotion {
  return {
    number: 7,
    head: "head-7",
    artifact,
    tenants: ["a", "b"],
    ownership: "sluice",
    consents: [],
    ...change,
  };
}

export function aPlanInput(
  streams: readonly StreamState[],
  change: Partial<PlanInput> = {},
): PlanInput {
  return {
    now: noon,
    policy: aPolicy(),
    streams,
    candidates: new Map(),
    deployers: ["default"],
    freezes: [],
    answers: new Map(),
    ...change,
  };
}
