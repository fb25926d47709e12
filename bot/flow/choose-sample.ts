import { sameArtifact, type Artifact } from "#core/artifact.ts";
import { Fault } from "#core/error.ts";
import type { Target, TargetState } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";

import type { RepositoryContext } from "./repository-context.ts";

/**
 * The one target that speaks for all of a stream that hold the same artifact: one of those that it came to last. Others
 * may have held it all along, and their files would tell of another commit.
 */
export async function chooseSample(
  { repository, memory }: Pick<RepositoryContext, "repository" | "memory">,
  group: {
    readonly artifact: Artifact;
    readonly states: readonly TargetState[];
    readonly verdicts: readonly Verdict[];
  },
): Promise<Target> {
  const { artifact, states, verdicts } = group;
  const [first] = states;
  if (first === undefined) throw new Error("a group of targets is never empty");
  // Tenants that came later, or came back, were brought by another commit: the one that has no verdict yet.
  const late = states.find(({ target }) => {
    const last = verdicts.find(
      ({ result, tenants }) => result !== "superseded" && tenants.includes(target.tenant),
    );
    return last === undefined || !sameArtifact(last.artifact, artifact);
  });
  if (late !== undefined || states.length === 1) return (late ?? first).target;
  const known = await memory.brought(first.target, artifact);
  const before = states.find(({ target }) => target.file === known?.file);
  if (before !== undefined) return before.target;
  const newest = verdicts.find(
    (verdict) => verdict.result !== "superseded" && sameArtifact(verdict.artifact, artifact),
  );
  const touched = newest === undefined ? null : await changedIn(repository, newest.commit);
  return (states.find(({ target }) => touched?.has(target.file)) ?? first).target;
}

/** The files that a commit changed; null where history was rewritten since. */
async function changedIn(
  repository: RepositoryContext["repository"],
  revision: string,
): Promise<ReadonlySet<string> | null> {
  try {
    const [parent] = (await repository.commit(revision)).parents;
    if (parent === undefined) return null;
    const [before, after] = await Promise.all([
      repository.files(parent),
      repository.files(revision),
    ]);
    const changed = [...after.values()].filter(({ path, sha }) => before.get(path)?.sha !== sha);
    return new Set(changed.map(({ path }) => path));
  } catch (error) {
    if (error instanceof Fault && error.code === "github.not-found") return null;
    throw error;
  }
}
