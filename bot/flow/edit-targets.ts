import { formatArtifact, type Artifact } from "#core/artifact.ts";
import type { ServicePolicy } from "#core/policy.ts";
import type { Target } from "#core/target.ts";
import { decodeValues, editValues, type ValuesEdit, type ValuesRefusal } from "#core/values.ts";
import type { FileEdit, GitopsRepo } from "#ports/gitops-repo.ts";

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

/** Edits every target's file as it stands at `revision`. A refused file does not hold back the others. */
export async function editTargets(
  repository: GitopsRepo,
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
      const decoded = decodeValues(target.file, bytes);
      if (decoded.kind === "refused") {
        refusals.push(decoded.refusal);
        continue;
      }
      const edited = editValues(target.file, decoded.text, wanted);
      if (edited.kind === "refused") refusals.push(...edited.refusals);
      if (edited.kind !== "edited") continue;
      before[target.file] = entry.sha;
      moved.push(target);
      yield { path: target.file, text: edited.text, mode: entry.mode };
    }
  }
}
