import type { RevisionAnswer } from "#core/rollout-types.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import type { Target } from "#core/target.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import { readScalars } from "./read-scalars.ts";

/** Answers about revisions of the GitOps repository; every revision is read once for all targets. */
export type RevisionAnswers = (target: Target, revision: string) => Promise<RevisionAnswer>;

/** What Git says of the revisions that Argo CD names: immutable, so kept as long as this is. */
export function answerRevisions(
  repository: GitopsRepo,
  assignment: RolloutAssignment,
): RevisionAnswers {
  const contains = new Map<string, ReturnType<GitopsRepo["contains"]>>();
  const values = new Map<string, Promise<ReadonlyMap<string, Uint8Array>>>();

  return async (target, revision) => {
    const contained =
      revision === assignment.commit
        ? "yes"
        : await once(contains, revision, () => repository.contains(assignment.commit, revision));
    if (contained !== "yes") return { contains: contained, holds: "no", sentence: "" };
    const files = await once(values, revision, () =>
      readFiles(repository, revision, assignment.targets),
    );
    return { contains: "yes", ...holds(assignment, target, revision, files.get(target.file)) };
  };
}

function holds(
  assignment: RolloutAssignment,
  target: Target,
  revision: string,
  bytes: Uint8Array | undefined,
): Pick<RevisionAnswer, "holds" | "sentence"> {
  const at = revision.slice(0, 7);
  if (bytes === undefined)
    return { holds: "no", sentence: `At ${at} there is no ${target.file} any more.` };
  const { artifact, values } = assignment;
  const wanted = [{ path: values.tag, value: artifact.tag }];
  if (values.digest !== null && artifact.digest !== null)
    wanted.push({ path: values.digest, value: artifact.digest });
  const paths = wanted.map(({ path }) => path);
  const read = readScalars(target.file, bytes, paths);
  if (read.kind === "refused")
    return { holds: "unreadable", sentence: `At ${at}: ${read.refusal.sentence}` };
  for (const [index, found] of read.scalars.entries()) {
    if (found.kind === "refused")
      return { holds: "unreadable", sentence: `At ${at}: ${found.refusal.sentence}` };
    const { path = "", value = "" } = wanted[index] ?? {};
    if (found.kind === "absent" || found.value !== value)
      return {
        holds: "no",
        sentence: `At ${at}, ${target.file} holds something else than ${value} at ${path}.`,
      };
    if (found.readAs !== "string")
      return {
        holds: "no",
        sentence: `At ${at}, ${target.file} holds ${value} at ${path}, which Helm reads as a ${found.readAs}: write it in quotes.`,
      };
  }
  return { holds: "yes", sentence: "" };
}

async function readFiles(
  repository: GitopsRepo,
  revision: string,
  targets: readonly Target[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = await repository.files(revision);
  const entries = [...new Set(targets.map(({ file }) => file))].flatMap((path) => {
    const entry = files.get(path);
    return entry === undefined ? [] : [entry];
  });
  const contents = await repository.contents(revision, entries);
  const read = new Map<string, Uint8Array>();
  for (const { path, sha } of entries) {
    const bytes = contents.get(sha);
    if (bytes !== undefined) read.set(path, bytes);
  }
  return read;
}

function once<T>(known: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const answer = known.get(key) ?? ask();
  known.set(key, answer);
  return answer;
}
