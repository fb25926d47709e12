import { parseDuration } from "./duration.ts";
import { fillGate } from "./gate-defaults.ts";
import type {
  WrittenEnvironment,
  WrittenExclusion,
  WrittenPolicy,
  WrittenRing,
  WrittenService,
} from "./policy-schema.ts";
import type {
  EnvironmentPolicy,
  ExclusionPolicy,
  Policy,
  RingPolicy,
  RingTakes,
  ServicePolicy,
  SourcePolicy,
} from "./policy.ts";
import { compileTagPattern } from "./tag-pattern.ts";

/** `{ name: "all" }` where an environment states no rings. */
const everyone: RingPolicy = {
  name: "all",
  takes: { kind: "names", patterns: ["*"] },
  soakMs: 0,
  maxFailures: 0,
};

/**
 * Fills in what a valid written policy leaves out. `ownRepository` is the one that the policy stands in.
 *
 * Whoever writes nothing gets the careful choice: `merge: manual`, because nobody should find a change merged that
 * they did not ask to be merged; promoters with `write`; a rollout of 15 minutes that halts on failure.
 */
export function fillPolicy(written: WrittenPolicy, ownRepository: string): Policy {
  return {
    services: Object.entries(written.services).map(([name, service]) =>
      fillService(name, service, ownRepository),
    ),
    environments: written.environments.map(fillEnvironment),
    freezes: (written.freezes ?? []).map(({ environments, from, to, reason, strict }) => ({
      environments,
      from: new Date(from),
      to: new Date(to),
      reason,
      strict: strict ?? false,
    })),
    notifications: (written.notifications ?? []).map(({ on, environments, slack, webhook }) => ({
      on,
      environments: environments ?? null,
      slack: slack ?? null,
      webhook: webhook ?? null,
    })),
    pins: (written.pins ?? []).map((pin) => ({
      ...fillExclusion(pin),
      tag: pin.tag ?? null,
      digest: pin.digest ?? null,
    })),
    excluded: (written.excluded ?? []).map(fillExclusion),
  };
}

function fillExclusion(written: WrittenExclusion): ExclusionPolicy {
  const { service, environment, tenants, reason } = written;
  return { service: service ?? null, environment: environment ?? null, tenants, reason };
}

function fillService(name: string, service: WrittenService, ownRepository: string): ServicePolicy {
  const { file, tag, digest } = service.values;
  return {
    name,
    image: service.image,
    source: service.source === undefined ? null : fillSource(service.source, ownRepository),
    match: compileTagPattern(service.tags.match),
    order: service.tags.order ?? "ancestry",
    values: { file, tag, digest: digest ?? null },
    application: service.application,
  };
}

function fillSource(source: NonNullable<WrittenService["source"]>, own: string): SourcePolicy {
  return {
    repository: source.repository ?? own,
    branch: source.branch ?? "main",
    workflow: source.workflow ?? null,
  };
}

function fillEnvironment(environment: WrittenEnvironment): EnvironmentPolicy {
  const { name, argocd, promoters, gates, rings, rollout } = environment;
  return {
    name,
    merge: environment.merge ?? "manual",
    argocd: argocd ?? "default",
    promoters: { permission: promoters?.permission ?? "write", teams: promoters?.teams ?? [] },
    gates: (gates ?? []).flatMap(fillGate),
    rings: rings?.map(fillRing) ?? [everyone],
    supersede: environment.supersede ?? "update",
    deployments: environment.deployments ?? true,
    rollout: {
      timeoutMs: milliseconds(rollout?.timeout ?? "15m"),
      onFailure: rollout?.onFailure ?? "halt",
    },
  };
}

function fillRing(ring: WrittenRing): RingPolicy {
  return {
    name: ring.name,
    takes: fillTakes(ring),
    soakMs: ring.soak === undefined ? 0 : milliseconds(ring.soak),
    maxFailures: ring.maxFailures ?? 0,
  };
}

function fillTakes({ tenants, percent }: WrittenRing): RingTakes {
  if (tenants === undefined) return { kind: "percent", percent: percent ?? 100 };
  if (Array.isArray(tenants)) return { kind: "names", patterns: tenants };
  return { kind: "label", path: tenants.label, is: tenants.is };
}

function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new Error("the schema let a duration through that is none");
  return ms;
}
