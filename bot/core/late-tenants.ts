import { sameArtifact, type Artifact } from "./artifact.ts";
import { orderOf } from "./inquiry.ts";
import { newestVerdict, type PlanContext } from "./plan-context.ts";
import type { DesiredArtifact } from "./plan-types.ts";

/** Tenants that are behind what their ring is verified on. */
export type LateTenants = { readonly artifact: Artifact; readonly tenants: ReadonlySet<string> };

/**
 * Tenants that came later, or that were left out: they hold something older than what most of their ring holds and was
 * verified on. Null where there are none, or where it cannot be told yet.
 */
export function findLateTenants(context: PlanContext): LateTenants | null {
  const { state, inquiry, service } = context;
  const [first, ...others] = state.desired;
  if (first === undefined || others.length === 0) return null;
  let most = first;
  for (const group of others) {
    const more = group.tenants.length - most.tenants.length;
    if (more > 0 || (more === 0 && isAhead(context, group, most))) most = group;
  }
  const { artifact } = most;
  if (newestVerdict(state, artifact)?.result !== "verified") return null;
  const late = state.desired.filter(
    (group) =>
      !sameArtifact(group.artifact, artifact) &&
      orderOf(inquiry, service.name, group.artifact, artifact)?.relation === "newer",
  );
  const tenants = late.flatMap((group) => group.tenants);
  return tenants.length === 0 ? null : { artifact, tenants: new Set(tenants) };
}

function isAhead(context: PlanContext, one: DesiredArtifact, other: DesiredArtifact): boolean {
  const { inquiry, service } = context;
  const order = orderOf(inquiry, service.name, other.artifact, one.artifact);
  return order?.relation === "newer";
}
