import type { Artifact } from "#core/artifact.ts";
import { sameArtifact } from "#core/artifact.ts";
import type { StreamState } from "#core/plan-types.ts";
import type { Policy, ServicePolicy } from "#core/policy.ts";
import { listNames } from "#core/words.ts";

import { compareArtifacts } from "./compare-artifacts.ts";
import { believe } from "./find-candidates.ts";
import type { SideOrder, WaysBack } from "./find-ways-back.ts";
import { observePlace, type ObservedPlace } from "./observe-place.ts";
import { youngestFirst } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";
import type { SideRequest } from "./request-side-promotion.ts";
import { selectTenants } from "./select-tenants.ts";

/**
 * What `/promote` with tenants or a tag comes to: one promotion for each ring in which anybody moves, forward only; or
 * the ring's own one, where that is open and brings just this.
 * Nothing is done here: `requestSidePromotion` opens each of them, and the gates are judged as for every promotion.
 */
export async function findSubset(
  context: RepositoryContext,
  policy: Policy,
  order: SideOrder,
): Promise<WaysBack> {
  const head = (await context.repository.head()).revision;
  const observed = await observePlace(context, policy, head, order);
  const [service] = observed.policy.services;
  if (service === undefined) throw new Error(`no service ${order.service} in the policy`);
  const states = observed.states.filter(
    ({ stream }) => order.ring === null || order.ring === stream.ring,
  );
  const known = states.flatMap(({ targets }) => targets.map(({ target }) => target.tenant));
  const selected = selectTenants(order.tenants, known);
  if (selected.kind === "unknown") return { ...selected, kind: "unknown-tenant" };
  const found = await findArtifact(context, observed, service, order);
  if (found.kind === "refused") return found;
  const { artifact } = found;
  const parts = await Promise.all(
    states.map((state) =>
      partOf(context, observed, { state, service, artifact }, selected.tenants),
    ),
  );
  const back = parts.flatMap((part) => part.back);
  if (back.length > 0)
    return refused(
      `${listNames(back)} in ${order.environment} would go back to ${artifact.tag}: write /rollback ${order.environment} --to ${artifact.tag} for that.`,
    );
  const brings = (one: StreamState) =>
    order.tenants === null &&
    one.open?.ownership === "sluice" &&
    sameArtifact(one.open.artifact, artifact);
  const open = states.filter(brings).map(({ stream }) => stream);
  const requests = parts.flatMap(({ stream, moving }): SideRequest[] =>
    moving.length === 0 || open.includes(stream)
      ? []
      : [
          {
            kind: "subset",
            stream,
            artifact,
            tenants: moving,
            named: order.tenants !== null,
            requestedBy: order.by,
            at: order.at.toISOString(),
          },
        ],
  );
  return requests.length + open.length > 0
    ? { kind: "requests", requests, open: open.map((stream) => ({ stream, artifact })) }
    : refused(`${artifact.tag} moves nothing there: every tenant that was meant holds it.`);
}

type Found =
  | { readonly kind: "found"; readonly artifact: Artifact }
  | Extract<WaysBack, { kind: "refused" }>;

/** The one that was named, wherever it is known from; else the one of the promotion that is open there. */
async function findArtifact(
  context: RepositoryContext,
  { states }: ObservedPlace,
  service: ServicePolicy,
  order: SideOrder,
): Promise<Found> {
  const { tag } = order;
  const open = states.flatMap((state) => (state.open === null ? [] : [state.open.artifact]));
  if (tag === null) {
    const [artifact] = open;
    return artifact === undefined
      ? refused(`No promotion is open in ${order.environment}: name the artifact with --to.`)
      : { kind: "found", artifact };
  }
  if (!service.match.test(tag)) return refused(`The policy's tags.match does not match ${tag}.`);
  const artifact = open.find((one) => one.tag === tag) ?? (await lookUp(context, service, tag));
  if (artifact === null) return refused(`Neither an event nor the registry knows the tag ${tag}.`);
  if (service.values.digest !== null && artifact.digest === null)
    return refused(`The digest of ${tag} is not known, and the policy pins digests.`);
  return { kind: "found", artifact };
}

async function lookUp(
  context: RepositoryContext,
  service: ServicePolicy,
  tag: string,
): Promise<Artifact | null> {
  const { memory, deps, signal } = context;
  const words = (await memory.candidates(service.name)).filter((fact) => fact.tag === tag);
  const believed = await believe(context, service, youngestFirst(words));
  if (believed !== null) return believed;
  const image = await deps.registry.resolve(service.image, tag, signal);
  if (image.kind === "found")
    return { repository: service.image, tag, digest: image.digest, revision: image.revision };
  const digest = await memory.promotedDigest(service.image, tag);
  return digest === null ? null : { repository: service.image, tag, digest, revision: null };
}

/** Who moves in one ring, and who would go back. */
async function partOf(
  context: RepositoryContext,
  { policy }: ObservedPlace,
  place: { state: StreamState; service: ServicePolicy; artifact: Artifact },
  tenants: ReadonlySet<string> | null,
): Promise<{ stream: StreamState["stream"]; moving: string[]; back: string[] }> {
  const { state, service, artifact } = place;
  const moving: string[] = [];
  const back: string[] = [];
  for (const group of state.desired) {
    const meant = group.tenants.filter((tenant) => tenants?.has(tenant) ?? true);
    if (meant.length === 0 || sameArtifact(group.artifact, artifact)) continue;
    const order = await compareArtifacts(context, policy, service, group.artifact, artifact);
    if (order.relation === "older") back.push(...meant);
    else if (order.relation === "newer" || order.relation === "unordered") moving.push(...meant);
  }
  return { stream: state.stream, moving: moving.toSorted(), back };
}

function refused(sentence: string): Extract<WaysBack, { kind: "refused" }> {
  return { kind: "refused", sentence };
}
