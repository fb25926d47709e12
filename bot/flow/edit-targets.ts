import { formatArtifact, type Artifact } from "#core/artifact.ts";
import type { ServicePolicy } from "#core/policy.ts";
import type { Target } from "#core/target.ts";
import {
  decodeValues,
  editValues,
  type ValuesEdit,
  type ValuesRefusal,
  type ValuesResult,
} from "#core/values.ts";
import type { FileEdit } from "#ports/gitops-repo.ts";

import type { RepositoryContext } from "./repository-context.ts";

/**
 * New texts of the files that one promotion touches, on top of one commit. Each file is edited when `edits` comes to
 * it; the rest is complete once `edits` has been read to its end.
 */
export type EditedTargets = {
  readonly edits: Iterable<FileEdit>;
  /** Path → blob SHA that the edit was computed from. */
  readonly before: Readonly<Record<string, string>>;
  readonly refusals: readonly ValuesRefusal[];
  readonly moved: readonly Target[];
};

/** The scalars that bring an artifact: the tag, and the digest where the policy pins it. */
export function editsOf(service: ServicePolicy, artifact: Artifact): readonly ValuesEdit[] {
  const edits = [{ path: service.values.tag, value: artifact.tag }];
  if (service.values.digest === null) return edits;
  if (artifact.digest === null)
    throw new Error(`${formatArtifact(artifact)} has no digest, and the policy pins it`);
  return [...edits, { path: service.values.digest, value: artifact.digest }];
}

/**
 * Edits every target's file as it stands at `revision`, or takes what was edited ahead. A refused file does not hold
 * back the others.
 */
export async function editTargets(
  { repository, ahead }: Pick<RepositoryContext, "repository" | "ahead">,
  service: ServicePolicy,
  artifact: Artifact,
  targets: readonly Target[],
  revision: string,
): Promise<EditedTargets> {
  const files = await repository.files(revision);
  const entries = targets.flatMap((target) => files.get(target.file) ?? []);
  const contents = await repository.contents(revision, entries);
  const wanted = editsOf(service, artifact);
  const before: Record<string, string> = {};
  const refusals: ValuesRefusal[] = [];
  const moved: Target[] = [];
  return { edits: editEach(), before, refusals, moved };

  function* editEach(): Generator<FileEdit> {
    for (const target of targets) {
      const entry = files.get(target.file);
      const bytes = entry === undefined ? undefined : contents.get(entry.sha);
      if (entry === undefined || bytes === undefined) continue;
      const result = ahead.get(editKey(entry.sha, wanted)) ?? editFile(target.file, bytes, wanted);
      if (result.kind === "refused") refusals.push(...result.refusals);
      if (result.kind !== "edited") continue;
      before[target.file] = entry.sha;
      moved.push(target);
      yield { path: target.file, text: result.text, mode: entry.mode };
    }
  }
}

/** Tells one edit of one file's content from all others. */
export function editKey(blob: string, wanted: readonly ValuesEdit[]): string {
  return JSON.stringify([blob, wanted]);
}

function editFile(file: string, bytes: Uint8Array, wanted: readonly ValuesEdit[]): ValuesResult {
  const decoded = decodeValues(file, bytes);
  if (decoded.kind === "refused") return { kind: "refused", refusals: [decoded.refusal] };
  return editValues(file, decoded.text, wanted);
}
