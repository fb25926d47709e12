import { parseDuration } from "./duration.ts";
import { fillGate } from "./gate-defaults.ts";
import type {
  WrittenEnvironment,
  WrittenPolicy,
  WrittenRing,
  WrittenService,
} from "./policy-schema.ts";
import type {
  EnvironmentPolicy,
  Policy,
  RingPolicy,
  ServicePolicy,
  SourcePolicy,
} from "./policy.ts";
import { compileTagPattern } from "./tag-pattern.ts";

/** `{ name: "all" }` where an environment states no rings. */
const everyone: RingPolicy = { name: "all", tenants: ["*"], soakMs: 0 };

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
  };
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
    merge: environment.merge === "auto" ? "auto" : "manual",
    argocd: argocd ?? "default",
    promoters: { permission: promoters?.permission ?? "write", teams: promoters?.teams ?? [] },
    gates: (gates ?? []).flatMap(fillGate),
    rings: rings?.map(fillRing) ?? [everyone],
    rollout: {
      timeoutMs: milliseconds(rollout?.timeout ?? "15m"),
      onFailure: rollout?.onFailure ?? "halt",
    },
  };
}

function fillRing({ name, tenants, soak }: WrittenRing): RingPolicy {
  return {
    name,
    tenants: Array.isArray(tenants) ? tenants : [],
    soakMs: soak === undefined ? 0 : milliseconds(soak),
  };
}

function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new Error("the schema let a duration through that is none");
  return ms;
}
