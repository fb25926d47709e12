import {
  orderByAncestry,
  orderByPublication,
  orderBySemver,
  pathsThatBringNothing,
  type OrderedPair,
} from "#core/artifact-order.ts";
import type { Artifact } from "#core/artifact.ts";
import type { Order } from "#core/plan-types.ts";
import type { Policy, ServicePolicy } from "#core/policy.ts";

import { findRevision } from "./find-revision.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { sourceNotVisible } from "./source-not-visible.ts";

/** How `to` relates to `from`, by the order that the service's policy states. */
export async function compareArtifacts(
  context: RepositoryContext,
  policy: Policy,
  service: ServicePolicy,
  from: Artifact,
  to: Artifact,
): Promise<Order> {
  const pair: OrderedPair = { from, to, published: await publishedAt(context, service, from, to) };
  switch (service.order) {
    case "semver":
      return orderBySemver(pair);
    case "published":
      return orderByPublication(pair);
    case "ancestry":
      return byAncestry(context, policy, service, pair);
  }
}

async function byAncestry(
  context: RepositoryContext,
  policy: Policy,
  service: ServicePolicy,
  pair: OrderedPair,
): Promise<Order> {
  const [from, to] = await Promise.all([
    findRevision(context, service, pair.from),
    findRevision(context, service, pair.to),
  ]);
  for (const found of [from, to])
    if (found.kind !== "found")
      return { relation: "unordered", reason: found.reason, sentence: found.sentence };
  if (from.kind !== "found" || to.kind !== "found" || service.source === null)
    return orderByAncestry(pair, { status: "unknown" }, null);
  if (from.revision === to.revision)
    return orderByAncestry(pair, { status: "identical", files: [] }, null);
  const source = context.installation.source(service.source.repository);
  const comparison = await source.compare(from.revision, to.revision);
  if (comparison.status === "not-visible")
    return { relation: "unordered", ...sourceNotVisible(source.name) };
  const sameRepository =
    service.source.repository.toLowerCase() === context.job.repository.toLowerCase();
  return orderByAncestry(pair, comparison, sameRepository ? pathsThatBringNothing(policy) : null);
}

/** When the two were published, as far as their registry has said so: when Sluice heard of them says nothing. */
async function publishedAt(
  context: RepositoryContext,
  service: ServicePolicy,
  from: Artifact,
  to: Artifact,
): Promise<OrderedPair["published"]> {
  const facts = await context.memory.candidates(service.name);
  const seen = (artifact: Artifact): Date | null => {
    const times = facts
      .filter((fact) => fact.tag === artifact.tag)
      .filter(
        (fact) =>
          fact.digest === null || artifact.digest === null || fact.digest === artifact.digest,
      )
      .flatMap(({ publishedAt: at }) => (at === null ? [] : [Date.parse(at)]));
    return times.length === 0 ? null : new Date(Math.min(...times));
  };
  return { from: seen(from), to: seen(to) };
}
