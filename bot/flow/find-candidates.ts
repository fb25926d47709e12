import { isFloating, isRevision, type Artifact } from "#core/artifact.ts";
import type { StreamState } from "#core/plan-types.ts";
import type { Policy, ServicePolicy } from "#core/policy.ts";
import { revisionInTag, tagsForRevision } from "#core/tag-revision.ts";

import { findRevision } from "./find-revision.ts";
import { youngestFirst, type CandidateFact } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** How many of the youngest published artifacts of a service a plan looks at. */
const atMost = 20;
/** How long a successful run waits for its image to show up in the registry. */
const builtStands = 24 * 60 * 60_000;
const betweenTries = 60_000;

/** What has been published, service by service: everything that a witness has told and that can be believed. */
export async function findCandidates(
  context: RepositoryContext,
  policy: Policy,
  streams: readonly StreamState[],
): Promise<ReadonlyMap<string, readonly Artifact[]>> {
  const entries = await Promise.all(
    policy.services.map(async (service) => {
      await witnessBuilds(context, service);
      const held = unevenlyHeld(policy, streams, service.name);
      return [service.name, await published(context, service, held)] as const;
    }),
  );
  return new Map(entries);
}

/**
 * Tags of the first environment that only some of its targets hold: set aside once, they are news again for a tenant
 * that came late, or whose file could not be read before.
 */
function unevenlyHeld(
  policy: Policy,
  streams: readonly StreamState[],
  service: string,
): ReadonlySet<string> {
  const first = policy.environments[0]?.name;
  const held = streams
    .filter(({ stream }) => stream.service === service && stream.environment === first)
    .flatMap((state) => state.desired.map(({ artifact }) => artifact.tag));
  const tags = new Set(held);
  return tags.size > 1 ? tags : new Set();
}

async function published(
  context: RepositoryContext,
  service: ServicePolicy,
  held: ReadonlySet<string>,
): Promise<readonly Artifact[]> {
  const facts = await context.memory.candidates(service.name);
  const byTag = Map.groupBy(
    facts.filter(
      ({ tag, passed }) =>
        service.match.test(tag) && !isFloating(tag) && (passed !== true || held.has(tag)),
    ),
    (fact) => fact.tag,
  );
  const tags = [...new Set(youngestFirst([...byTag.values()].flat()).map(({ tag }) => tag))];
  const artifacts = await Promise.all(
    tags
      .slice(0, atMost)
      .map((tag) => believe(context, service, youngestFirst(byTag.get(tag) ?? []))),
  );
  return artifacts.filter((artifact): artifact is Artifact => artifact !== null);
}

/**
 * One artifact from everything that was said of its tag, youngest word first. GitHub's signed event and the registry
 * suffice; a hook's word is only a hint until the registry or the source repository confirms it.
 */
export async function believe(
  context: RepositoryContext,
  service: ServicePolicy,
  witnesses: readonly CandidateFact[],
): Promise<Artifact | null> {
  const trusted = witnesses.filter((fact) => fact.witness !== "hook");
  const hint = witnesses.find((fact) => fact.witness === "hook");
  if (trusted.length === 0 && hint !== undefined) return confirm(context, service, hint);
  const [youngest] = trusted;
  if (youngest === undefined) return null;
  return {
    repository: service.image,
    tag: youngest.tag,
    digest: trusted.find((fact) => fact.digest !== null)?.digest ?? null,
    revision: trusted.find((fact) => fact.revision !== null)?.revision ?? null,
  };
}

async function confirm(
  context: RepositoryContext,
  service: ServicePolicy,
  hint: CandidateFact,
): Promise<Artifact | null> {
  const image = await context.deps.registry.resolve(service.image, hint.tag, context.signal);
  if (image.kind === "found") {
    const seen: CandidateFact = {
      ...hint,
      witness: "registry",
      digest: image.digest,
      revision: image.revision ?? hint.revision,
    };
    await context.memory.addCandidate(service.name, seen);
    return { repository: service.image, ...pick(seen) };
  }
  if (image.kind === "absent" || service.source === null) return null;
  const artifact = { repository: service.image, ...pick(hint) };
  const revision = await confirmedRevision(context, service, service.source.repository, artifact);
  return revision === null ? null : { ...artifact, revision };
}

/** The commit that a hint states, else the one that its tag names, if the source repository knows it. */
async function confirmedRevision(
  context: RepositoryContext,
  service: ServicePolicy,
  repository: string,
  artifact: Artifact,
): Promise<string | null> {
  if (artifact.revision !== null) {
    const stated = await context.installation.source(repository).resolve(artifact.revision);
    return stated.kind === "found" ? stated.commit.revision : null;
  }
  if (revisionInTag(artifact.tag) === null) return null;
  const found = await findRevision(context, service, artifact);
  return found.kind === "found" ? found.revision : null;
}

/** Turns successful runs of the service's workflow into candidates, once the registry knows their tag. */
async function witnessBuilds(context: RepositoryContext, service: ServicePolicy): Promise<void> {
  const { memory, deps, now } = context;
  const known = await memory.candidates(service.name);
  for (const [revision, { at }] of await memory.built(service.name)) {
    const tags = isRevision(revision) ? tagsForRevision(service.match, revision) : [];
    const stale = now.getTime() - Date.parse(at) > builtStands;
    if (stale || known.some((fact) => tags.includes(fact.tag) || fact.revision === revision)) {
      await memory.dropBuilt(service.name, revision);
      continue;
    }
    if (!(await mayTry(context, service, revision))) continue;
    for (const tag of tags) {
      const image = await deps.registry.resolve(service.image, tag, context.signal);
      if (image.kind === "unreadable") break;
      if (image.kind === "absent") continue;
      await memory.addCandidate(service.name, {
        tag,
        digest: image.digest,
        revision: image.revision ?? revision,
        seenAt: at,
        publishedAt: null,
        witness: "registry",
      });
      await memory.dropBuilt(service.name, revision);
      break;
    }
  }
}

/** An image that is not there yet is not asked for on every event. */
async function mayTry(
  context: RepositoryContext,
  service: ServicePolicy,
  revision: string,
): Promise<boolean> {
  const note = `build-tried/${service.name}/${revision}`;
  const tried = await context.memory.get<{ at: string }>(note);
  if (tried !== null && context.now.getTime() - Date.parse(tried.at) < betweenTries) return false;
  await context.memory.set(note, { at: context.now.toISOString() });
  return true;
}

function pick(fact: CandidateFact): Pick<Artifact, "tag" | "digest" | "revision"> {
  return { tag: fact.tag, digest: fact.digest, revision: fact.revision };
}
