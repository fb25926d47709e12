import type { Artifact } from "#core/artifact.ts";
import { Fault } from "#core/error.ts";
import { policyPath } from "#core/policy-parse.ts";
import type { ServicePolicy } from "#core/policy.ts";
import type { Target } from "#core/target.ts";
import { decodeValues, editValues, readValues } from "#core/values.ts";
import type { PullRequest } from "#ports/github-things.ts";

import { editsOf } from "./edit-targets.ts";
import { lastOwnArtifact, recogniseCommit } from "./observe-open-promotion.ts";
import type { RepositoryContext } from "./repository-context.ts";

type Compared = {
  readonly service: ServicePolicy;
  readonly artifact: Artifact;
  readonly revision: string;
  readonly targets: readonly Target[];
  /** Every byte must be what Sluice makes of the base's file; otherwise only the scalars that the merge changed. */
  readonly exact: boolean;
};

/**
 * Must a promotion's merge be looked at by a person? Compares what it left with what Sluice computes; null where they
 * agree, or where it cannot be told any more. Everything is read from Git, so it can be asked again at any time.
 *
 * What only Sluice's commit brought is compared byte by byte; where people worked on the branch, only the scalars.
 *
 * @param targets of the stream, as the default branch's head has them.
 */
export async function differenceOfMerge(
  context: RepositoryContext,
  merge: {
    pull: PullRequest;
    revision: string;
    service: ServicePolicy;
    targets: readonly Target[];
  },
  head: string,
): Promise<string | null> {
  const { repository, memory, login } = context;
  const { pull, revision, service, targets } = merge;
  try {
    // Under another policy other scalars were meant.
    const [now, then] = await Promise.all([repository.files(head), repository.files(revision)]);
    if (now.get(policyPath)?.sha !== then.get(policyPath)?.sha) return null;
    const made =
      (await memory.made(pull.headRevision)) ??
      (await recogniseCommit(repository, memory, {
        service,
        targets,
        login,
        revision: pull.headRevision,
      }));
    const artifact = made?.artifact ?? (await lastOwnArtifact(repository, pull));
    if (artifact === null) return null;
    const moved = new Set(made?.tenants);
    return await compare(context, {
      service,
      artifact,
      revision,
      targets: made === null ? targets : targets.filter(({ tenant }) => moved.has(tenant)),
      exact: made !== null,
    });
  } catch (error) {
    // History was rewritten: what was merged there is not what stands.
    if (error instanceof Fault && error.code === "github.not-found") return null;
    throw error;
  }
}

async function compare(context: RepositoryContext, compared: Compared): Promise<string | null> {
  const { repository } = context;
  const { service, artifact, revision, targets, exact } = compared;
  const base = (await repository.commit(revision)).parents[0];
  if (base === undefined || (service.values.digest !== null && artifact.digest === null))
    return null;
  const [before, after] = await Promise.all([repository.files(base), repository.files(revision)]);
  const looked = exact
    ? targets
    : targets.filter(({ file }) => before.get(file)?.sha !== after.get(file)?.sha);
  const entriesIn = (files: typeof before) => looked.flatMap(({ file }) => files.get(file) ?? []);
  const [old, merged] = await Promise.all([
    repository.contents(base, entriesIn(before)),
    repository.contents(revision, entriesIn(after)),
  ]);
  const wanted = editsOf(service, artifact);
  const paths = wanted.map(({ path }) => path);
  for (const { file } of looked) {
    const was = textOf(file, old.get(before.get(file)?.sha ?? ""));
    const is = textOf(file, merged.get(after.get(file)?.sha ?? ""));
    if (!exact && is !== null && was !== null && sameScalars(file, was, is, paths)) continue;
    const from = exact ? was : is;
    const edited = from === null ? null : editValues(file, from, wanted);
    const computed = edited?.kind === "edited" ? edited.text : from;
    if (is === null || edited === null || edited.kind === "refused" || computed !== is)
      return (
        `The merge ${revision.slice(0, 7)} left ${file} other than Sluice had computed. ` +
        "Look at the file, then write /resume on this pull request."
      );
  }
  return null;
}

function sameScalars(file: string, one: string, other: string, paths: readonly string[]): boolean {
  const [was, is] = [readValues(file, one, paths), readValues(file, other, paths)];
  return JSON.stringify(was) === JSON.stringify(is);
}

function textOf(file: string, bytes: Uint8Array | undefined): string | null {
  if (bytes === undefined) return null;
  const decoded = decodeValues(file, bytes);
  return decoded.kind === "text" ? decoded.text : null;
}
