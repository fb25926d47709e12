import type { Artifact } from "#core/artifact.ts";
import { isDigest, isTag } from "#core/artifact.ts";
import { findTargets } from "#core/find-targets.ts";
import { findService, type Policy, type ServicePolicy } from "#core/policy.ts";
import type { Target, TargetState } from "#core/target.ts";
import type { ValuesRefusal, ValuesScalar } from "#core/values.ts";
import type { FileEntry } from "#ports/github-things.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import { readScalars } from "./read-scalars.ts";

/** What Git says that every target should run, at one commit. */
export type ObservedTargets = {
  readonly targets: readonly TargetState[];
  /** Files that look like targets and are none, with the reason. */
  readonly problems: readonly { readonly file: string; readonly sentence: string }[];
};

/** Reads all values files of a commit that the policy's paths match. */
export async function observeTargets(
  repository: GitopsRepo,
  policy: Policy,
  revision: string,
): Promise<ObservedTargets> {
  const files = await repository.files(revision);
  const found = findTargets(policy, files.values());
  const entries = [...new Set(found.targets.map((target) => target.file))].map((path) =>
    entryOf(files, path),
  );
  const contents = await repository.contents(revision, entries);
  const targets: TargetState[] = [];
  for (const target of found.targets) {
    const service = findService(policy, target.service);
    const bytes = contents.get(entryOf(files, target.file).sha);
    if (service === undefined || bytes === undefined) continue;
    const desired = readDesired(service, target.file, bytes);
    if (desired !== null) targets.push({ target, desired });
  }
  return {
    targets,
    problems: found.problems.map(({ file, sentence }) => ({ file, sentence })),
  };
}

/** What one values file says for a service; null where it does not hold the service's path: no target then. */
export function readDesired(
  service: ServicePolicy,
  file: string,
  bytes: Uint8Array,
): TargetState["desired"] | null {
  const { tag: tagPath, digest: digestPath } = service.values;
  const read = readScalars(file, bytes, digestPath === null ? [tagPath] : [tagPath, digestPath]);
  if (read.kind === "refused") return read;
  const [tag, digest] = read.scalars;
  if (tag === undefined || tag.kind === "absent") return null;
  if (tag.kind === "refused") return tag;
  return digestOf(service, file, tag.value, digest);
}

/** Reads the artifact of one target at any commit; null where it cannot be read there. */
export async function artifactAt(
  repository: GitopsRepo,
  service: ServicePolicy,
  target: Target,
  revision: string,
): Promise<Artifact | null> {
  const entry = (await repository.files(revision)).get(target.file);
  if (entry === undefined) return null;
  const bytes = (await repository.contents(revision, [entry])).get(entry.sha);
  const desired = bytes === undefined ? null : readDesired(service, target.file, bytes);
  return desired?.kind === "artifact" ? desired.artifact : null;
}

function digestOf(
  service: ServicePolicy,
  file: string,
  tag: string,
  digest: ValuesScalar | undefined,
): TargetState["desired"] {
  if (digest?.kind === "refused") return digest;
  if (digest?.kind === "absent")
    return refused(
      file,
      service.values.digest ?? "",
      "the policy pins the digest here, but there is no such key",
    );
  const text = digest?.value ?? "";
  return {
    kind: "artifact",
    artifact: {
      repository: service.image,
      // A tag that no registry could hold is shown as it stands; nothing equals it, so a promotion replaces it.
      tag: isTag(tag) ? tag : "",
      digest: isDigest(text) ? text : null,
      revision: null,
    },
  };
}

function refused(file: string, path: string, why: string): TargetState["desired"] {
  const sentence = `${file}: ${path}: ${why}. Add it, even empty.`;
  const refusal: ValuesRefusal = { reason: "missing-path", file, path, sentence };
  return { kind: "refused", refusal };
}

function entryOf(files: ReadonlyMap<string, FileEntry>, path: string): FileEntry {
  const entry = files.get(path);
  if (entry === undefined) throw new Error(`no such file in this commit: ${path}`);
  return entry;
}
