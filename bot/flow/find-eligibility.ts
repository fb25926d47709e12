import type { Artifact } from "#core/artifact.ts";
import type { Eligibility, StreamState } from "#core/plan-types.ts";
import type { ServicePolicy, SourcePolicy } from "#core/policy.ts";

import { findRevision } from "./find-revision.ts";
import { youngestFirst, type Memory } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { notVisible, sourceNotVisible } from "./source-not-visible.ts";

type Remembered = { readonly at: string; readonly eligibility: Eligibility };

/** A build of a branch may be merged later: its refusal is looked at again after this time, or after a push. */
const refusalStands = 10 * 60_000;

/**
 * May this artifact be promoted at all? Its revision is known and reachable from the source branch, and its tag names
 * the digest that it named when it was first promoted.
 */
export async function findEligibility(
  context: RepositoryContext,
  streams: readonly StreamState[],
  service: ServicePolicy,
  artifact: Artifact,
): Promise<Eligibility> {
  const moved = await digestMoved(context, streams, service, artifact);
  if (moved !== null) return moved;
  if (service.source === null) return { kind: "eligible" };
  const note = eligibilityNote(service, artifact);
  const known = await context.memory.get<Remembered>(note);
  if (known !== null && (await stands(context, service, known))) return known.eligibility;
  const eligibility = await look(context, service, service.source, artifact);
  const remembered: Remembered = { at: context.now.toISOString(), eligibility };
  if (eligibility.kind === "unknown") return eligibility;
  // Once somebody installs the App there, it goes on at once.
  if (eligibility.kind === "eligible" || eligibility.reason !== notVisible)
    await context.memory.set(note, remembered);
  return eligibility;
}

/** The key under which it is noted what was found out of an artifact. */
export function eligibilityNote(service: ServicePolicy, artifact: Artifact): string {
  return `eligible/${service.name}/${artifact.tag}/${artifact.digest ?? ""}`;
}

/** The key under which a push to a service's source branch is noted. */
export function sourcePushedNote(service: string): string {
  return `source-pushed/${service}`;
}

async function stands(
  context: RepositoryContext,
  service: ServicePolicy,
  known: Remembered,
): Promise<boolean> {
  if (known.eligibility.kind === "eligible") return true;
  if (context.now.getTime() - Date.parse(known.at) > refusalStands) return false;
  const pushed = await context.memory.get<{ at: string }>(sourcePushedNote(service.name));
  return pushed === null || pushed.at < known.at;
}

async function look(
  context: RepositoryContext,
  service: ServicePolicy,
  source: SourcePolicy,
  artifact: Artifact,
): Promise<Eligibility> {
  const found = await findRevision(context, service, artifact);
  if (found.kind !== "found")
    return service.order === "ancestry" || found.kind === "refused"
      ? { kind: "refused", reason: found.reason, sentence: found.sentence }
      : { kind: "eligible" };
  const { repository, branch } = source;
  const comparison = await context.installation.source(repository).compare(branch, found.revision);
  switch (comparison.status) {
    case "behind":
    case "identical":
      return { kind: "eligible" };
    case "ahead":
    case "diverged":
      return {
        kind: "refused",
        reason: "not-on-branch",
        sentence:
          `Its revision ${found.revision.slice(0, 7)} is not on the branch ${branch} of ${repository}: ` +
          "only what is merged there is promoted.",
      };
    case "not-visible":
      return { kind: "refused", ...sourceNotVisible(repository) };
    case "unknown":
      return {
        kind: "unknown",
        reason: "revision-unknown",
        sentence: `${repository} does not know the revision ${found.revision.slice(0, 7)} yet.`,
      };
  }
}

/** What the tag named when it was promoted, against what it is said to name now, also where no file pins a digest. */
async function digestMoved(
  { memory }: Pick<RepositoryContext, "memory">,
  streams: readonly StreamState[],
  service: ServicePolicy,
  { tag, digest }: Artifact,
): Promise<Eligibility | null> {
  const standing = streams
    .filter((state) => state.stream.service === service.name)
    .flatMap((state) => [...state.verdicts, ...state.desired, ...(state.open ? [state.open] : [])])
    .flatMap(({ artifact }) => (artifact.tag === tag ? [artifact.digest] : []));
  const first = await memory.promotedDigest(service.image, tag);
  const promoted = [first, ...standing].filter((one) => one !== null);
  const now = [digest, await lastWord(memory, service, tag)].filter((one) => one !== null);
  for (const before of promoted) {
    const other = now.find((one) => one !== before);
    if (other === undefined) continue;
    return {
      kind: "refused",
      reason: "digest-moved",
      sentence: `The tag ${tag} was promoted as ${before} and now names ${other}: publish a new tag.`,
    };
  }
  return null;
}

/** The digest that a tag was last said to name, by GitHub or the registry. */
async function lastWord(
  memory: Pick<Memory, "candidates">,
  service: ServicePolicy,
  tag: string,
): Promise<string | null> {
  const words = (await memory.candidates(service.name)).filter(
    (fact) => fact.tag === tag && fact.witness !== "hook" && fact.digest !== null,
  );
  return youngestFirst(words)[0]?.digest ?? null;
}
