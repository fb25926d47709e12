import type { Artifact } from "#core/artifact.ts";
import { isDigest, isTag } from "#core/artifact.ts";
import { findTargets, type FoundTarget } from "#core/find-targets.ts";
import { labelsOf, placeInRings, type ReadTarget } from "#core/place-in-rings.ts";
import { findEnvironment, findService, type Policy, type ServicePolicy } from "#core/policy.ts";
import { stayOf, stayPaths } from "#core/stay.ts";
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
  /** Files where a service's could be, but its path is not there: no targets of it. */
  readonly without: readonly { readonly service: string; readonly file: string }[];
};

/** Reads all values files of a commit that the policy's paths match, and puts the tenants into their rings. */
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
  const read: ReadTarget[] = [];
  const without: { service: string; file: string }[] = [];
  for (const target of found.targets) {
    const { service, file } = target;
    const bytes = contents.get(entryOf(files, file).sha);
    const one = bytes === undefined ? null : readTarget(policy, target, bytes);
    if (one === null) without.push({ service, file });
    else read.push(one);
  }
  const placed = placeInRings(policy, read);
  return {
    targets: placed.targets,
    problems: [...found.problems, ...placed.problems].map(({ file, sentence }) => ({
      file,
      sentence,
    })),
    without,
  };
}

/** Everything that a target's values file says, from one reading; null where it is no target of the service. */
function readTarget(policy: Policy, target: FoundTarget, bytes: Uint8Array): ReadTarget | null {
  const service = findService(policy, target.service);
  const environment = findEnvironment(policy, target.environment);
  if (service === undefined || environment === undefined) return null;
  const { file } = target;
  const own = pathsOf(service);
  const paths = labelsOf(environment);
  const read = readScalars(file, bytes, [...own, ...stayPaths, ...paths]);
  if (read.kind === "refused") {
    const stays = stayOf(policy, target, null, { pin: "", exclude: "" });
    return { target, desired: read, stays, labels: new Map() };
  }
  const desired = desiredIn(service, file, read.scalars);
  if (desired === null) return null;
  const [pin, exclude, ...labels] = read.scalars.slice(own.length);
  const held = desired.kind === "artifact" ? desired.artifact : null;
  const stays = stayOf(policy, target, held, { pin: textOf(pin), exclude: textOf(exclude) });
  // Where it cannot be told which ring it is in, or whether it is pinned, nobody may move it.
  const unread = [pin, exclude, ...labels].find((one) => one?.kind === "refused");
  return {
    target,
    desired: unread?.kind === "refused" ? unread : desired,
    stays,
    labels: new Map(paths.map((path, index) => [path, textOf(labels[index])])),
  };
}

function textOf(scalar: ValuesScalar | undefined): string {
  return scalar?.kind === "string" ? scalar.value : "";
}

/** What one values file says for a service; null where it does not hold the service's path: no target then. */
export function readDesired(
  service: ServicePolicy,
  file: string,
  bytes: Uint8Array,
): TargetState["desired"] | null {
  const read = readScalars(file, bytes, pathsOf(service));
  return read.kind === "refused" ? read : desiredIn(service, file, read.scalars);
}

function pathsOf({ values: { tag, digest } }: ServicePolicy): readonly string[] {
  return digest === null ? [tag] : [tag, digest];
}

/** The scalars are those of `pathsOf`, possibly with others behind them. */
function desiredIn(
  service: ServicePolicy,
  file: string,
  scalars: readonly ValuesScalar[],
): TargetState["desired"] | null {
  const [tag, second] = scalars;
  const digest = service.values.digest === null ? undefined : second;
  if (tag === undefined || tag.kind === "absent") return null;
  if (tag.kind === "refused") return tag;
  // What Helm takes for a number is not that tag, though the text is the same: it would deploy another one.
  return digestOf(service, file, tag.readAs === "string" ? tag.value : "", digest);
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
