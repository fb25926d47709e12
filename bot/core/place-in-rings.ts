import type { FoundTarget } from "./find-targets.ts";
import { quoted } from "./nearest.ts";
import type { EnvironmentPolicy, Policy } from "./policy.ts";
import { assignRings, type RingTenant } from "./ring.ts";
import type { Stay } from "./stay.ts";
import type { TargetProblem } from "./target-problem.ts";
import { streamKey, type TargetState } from "./target.ts";

/** A target with everything that its values file says. */
export type ReadTarget = {
  readonly target: FoundTarget;
  readonly desired: TargetState["desired"];
  readonly stays: Stay | null;
  /** What stands at the path of each label that the environment's rings ask for. */
  readonly labels: ReadonlyMap<string, string>;
};

/** The paths of the labels by which an environment's rings take tenants. */
export function labelsOf({ rings }: Pick<EnvironmentPolicy, "rings">): readonly string[] {
  const paths = rings.flatMap(({ takes }) => (takes.kind === "label" ? [takes.path] : []));
  return [...new Set(paths)];
}

/**
 * Puts every target into its ring: by environment in the policy's order, then service, ring and tenant. A tenant that
 * no ring takes has no target, which is a problem of the policy, unless it is left alone anyway.
 */
export function placeInRings(
  policy: Policy,
  read: readonly ReadTarget[],
): { readonly targets: readonly TargetState[]; readonly problems: readonly TargetProblem[] } {
  const byEnvironment = Map.groupBy(read, ({ target }) => target.environment);
  const byStream = new Map<string, TargetState[]>();
  const problems: TargetProblem[] = [];
  for (const environment of policy.environments) {
    const own = byEnvironment.get(environment.name) ?? [];
    const rings = assignRings(environment, tenantsOf(own));
    for (const { target, desired, stays } of own) {
      const ring = rings.get(target.tenant);
      if (ring !== undefined) {
        const placed = { ...target, ring };
        const state = { target: placed, desired, ...(stays === null ? {} : { stays }) };
        const key = streamKey(placed);
        const stream = byStream.get(key);
        if (stream === undefined) byStream.set(key, [state]);
        else stream.push(state);
      } else if (stays?.kind !== "excluded") {
        problems.push(noRing(target));
      }
    }
  }
  return { targets: inOrder(policy, byStream), problems };
}

function tenantsOf(read: readonly ReadTarget[]): readonly RingTenant[] {
  return [...Map.groupBy(read, ({ target }) => target.tenant)].map(([tenant, own]) => {
    const labels = new Map<string, Set<string>>();
    for (const [path, value] of own.flatMap((one) => [...one.labels]))
      labels.set(path, (labels.get(path) ?? new Set()).add(value));
    return { tenant, labels, stays: own.every(({ stays }) => stays !== null) };
  });
}

function noRing({ environment, tenant, file }: FoundTarget): TargetProblem {
  const sentence = `no ring of ${environment} takes the tenant ${quoted(tenant)}: add it to one, or end with a ring for "*"`;
  return { file, reason: "no-ring", sentence };
}

function inOrder(policy: Policy, byStream: ReadonlyMap<string, TargetState[]>): TargetState[] {
  return policy.environments.flatMap(({ name: environment, rings }) =>
    policy.services.flatMap(({ name: service }) =>
      rings.flatMap(({ name: ring }) =>
        (byStream.get(streamKey({ environment, service, ring })) ?? []).toSorted((one, other) =>
          one.target.tenant < other.target.tenant ? -1 : 1,
        ),
      ),
    ),
  );
}
