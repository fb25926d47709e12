import type { EnvironmentPolicy } from "./policy.ts";

/** The ring of a tenant: the first one that matches it; null where none does, which is an error of the policy. */
export function ringOf(environment: EnvironmentPolicy, tenant: string): string | null {
  const ring = environment.rings.find(({ tenants }) =>
    tenants.some((pattern) => matchesTenant(pattern, tenant)),
  );
  return ring?.name ?? null;
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
