import type { EnvironmentPolicy, RingTakes } from "./policy.ts";
import { shortHash } from "./promotion-id.ts";

/** A tenant of an environment, as far as its ring depends on it. */
export type RingTenant = {
  readonly tenant: string;
  /** What its values files hold at each label's path, whichever service they belong to. */
  readonly labels: ReadonlyMap<string, ReadonlySet<string>>;
  /** All that it has here is pinned or excluded. */
  readonly stays: boolean;
};

/**
 * The ring of each tenant: the first one that takes it; a tenant that none takes is not there, which is an error of the
 * policy. It is asked for all services of an environment together, so that a tenant is in one ring with all it has.
 */
export function assignRings(
  environment: Pick<EnvironmentPolicy, "rings">,
  tenants: readonly RingTenant[],
): ReadonlyMap<string, string> {
  const rings = new Map<string, string>();
  let rest = tenants;
  for (const { name, takes } of environment.rings) {
    const taken = takenBy(takes, rest);
    for (const { tenant } of taken) rings.set(tenant, name);
    if (taken.length > 0) rest = rest.filter(({ tenant }) => !rings.has(tenant));
  }
  return rings;
}

function takenBy(takes: RingTakes, rest: readonly RingTenant[]): readonly RingTenant[] {
  switch (takes.kind) {
    case "names":
      return rest.filter(({ tenant }) => matchesTenants(takes.patterns, tenant));
    case "label":
      return rest.filter(({ labels }) => labels.get(takes.path)?.has(takes.is) ?? false);
    case "percent":
      return shareOf(rest, takes.percent);
  }
}

/**
 * Always the same tenants, and one of them at least: by the hash of their names, so that a tenant that comes or goes
 * moves no more than one other into another ring. Who does not move anyway is taken last: a canary that only watches
 * would show nothing.
 */
function shareOf(rest: readonly RingTenant[], percent: number): readonly RingTenant[] {
  const size = Math.max(1, Math.round((rest.length * percent) / 100));
  return rest
    .map((one) => ({ one, rank: `${one.stays ? 1 : 0}${shortHash(one.tenant)}` }))
    .toSorted((first, second) => (first.rank < second.rank ? -1 : 1))
    .slice(0, size)
    .map(({ one }) => one);
}

export function matchesTenants(patterns: readonly string[], tenant: string): boolean {
  return patterns.some((pattern) => matchesTenant(pattern, tenant));
}

/** A name, or a pattern in which `*` stands for any characters, also for none. */
export function matchesTenant(pattern: string, tenant: string): boolean {
  const [head = "", ...parts] = pattern.split("*");
  const tail = parts.pop();
  if (tail === undefined) return pattern === tenant;
  if (tenant.length < head.length + tail.length) return false;
  if (!tenant.startsWith(head) || !tenant.endsWith(tail)) return false;
  let at = head.length;
  const end = tenant.length - tail.length;
  for (const part of parts) {
    const found = tenant.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
