import { isRevision, type Artifact } from "#core/artifact.ts";
import type { ServicePolicy } from "#core/policy.ts";
import { revisionInTag } from "#core/tag-revision.ts";

import type { RepositoryContext } from "./repository-context.ts";
import { sourceNotVisible } from "./source-not-visible.ts";

export type FoundRevision =
  | { readonly kind: "found"; readonly revision: string }
  | { readonly kind: "refused" | "unknown"; readonly reason: string; readonly sentence: string };

type Remembered = { readonly revision: string };

/**
 * The full source revision of an artifact: as an event or the image's label stated it, else from the short SHA in its
 * tag, else from the registry. Never guessed: an ambiguous short SHA is refused.
 */
export async function findRevision(
  context: RepositoryContext,
  service: ServicePolicy,
  artifact: Artifact,
): Promise<FoundRevision> {
  if (artifact.revision !== null) return { kind: "found", revision: artifact.revision };
  const note = `revision/${service.name}/${artifact.tag}/${artifact.digest ?? ""}`;
  const known = await context.memory.get<Remembered>(note);
  if (known !== null) return { kind: "found", revision: known.revision };
  const inFlight = asking.get(context) ?? new Map<string, Promise<FoundRevision>>();
  asking.set(context, inFlight);
  const found = inFlight.get(note) ?? lookAndNote(context, service, artifact, note);
  inFlight.set(note, found);
  return found;
}

/** Questions that are answered side by side need the same revision: one run asks for each once. */
const asking = new WeakMap<RepositoryContext, Map<string, Promise<FoundRevision>>>();

async function lookAndNote(
  context: RepositoryContext,
  service: ServicePolicy,
  artifact: Artifact,
  note: string,
): Promise<FoundRevision> {
  const found = await look(context, service, artifact);
  if (found.kind === "found") await context.memory.set(note, { revision: found.revision });
  return found;
}

async function look(
  context: RepositoryContext,
  service: ServicePolicy,
  artifact: Artifact,
): Promise<FoundRevision> {
  const run = revisionInTag(artifact.tag);
  if (run !== null && service.source !== null)
    return resolveShort(context, service.source.repository, artifact, run);
  const image = await context.deps.registry.resolve(
    artifact.repository,
    artifact.tag,
    context.signal,
  );
  if (image.kind === "found" && image.revision !== null && isRevision(image.revision))
    return { kind: "found", revision: image.revision };
  return {
    kind: "unknown",
    reason: "revision-unknown",
    sentence:
      "No event, label or tag names the revision that this image was built from. Build it with the label " +
      "org.opencontainers.image.revision, or with the short SHA in its tag.",
  };
}

async function resolveShort(
  context: RepositoryContext,
  repository: string,
  artifact: Artifact,
  run: string,
): Promise<FoundRevision> {
  const resolved = await context.installation.source(repository).resolve(run);
  if (resolved.kind === "found") return { kind: "found", revision: resolved.commit.revision };
  if (resolved.kind === "not-visible") return { kind: "refused", ...sourceNotVisible(repository) };
  return resolved.kind === "ambiguous"
    ? {
        kind: "refused",
        reason: "revision-ambiguous",
        sentence: `More than one commit of ${repository} begins with ${run}: use a longer SHA in the tag ${artifact.tag}.`,
      }
    : {
        kind: "refused",
        reason: "revision-absent",
        sentence: `${repository} has no commit ${run}, which the tag ${artifact.tag} names.`,
      };
}
