import type { Authors } from "#core/approval.ts";
import type { Artifact } from "#core/artifact.ts";
import type { ServicePolicy } from "#core/policy.ts";

import { findRevision } from "./find-revision.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { sourceNotVisible } from "./source-not-visible.ts";

type Remembered = { readonly logins: readonly string[] };

/**
 * Whose change an artifact is: whoever opened the pull requests that brought its source commit to the branch, else
 * whoever wrote the commit. It never changes, so it is asked once.
 */
export async function findAuthors(
  context: RepositoryContext,
  service: ServicePolicy,
  artifact: Artifact,
): Promise<Authors> {
  if (service.source === null) return { kind: "none" };
  const found = await findRevision(context, service, artifact);
  if (found.kind !== "found") return { kind: "unknown", sentence: found.sentence };
  const { repository } = service.source;
  const note = `authors/${repository}/${found.revision}`;
  const known = await context.memory.get<Remembered>(note);
  if (known !== null) return { kind: "known", logins: known.logins };
  const logins = await context.installation.source(repository).authors(found.revision);
  if (logins === null) return { kind: "unknown", sentence: sourceNotVisible(repository).sentence };
  if (logins.length === 0) {
    const at = found.revision.slice(0, 7);
    return { kind: "unknown", sentence: `GitHub knows nobody who wrote ${at} of ${repository}.` };
  }
  await context.memory.set(note, { logins } satisfies Remembered);
  return { kind: "known", logins };
}
