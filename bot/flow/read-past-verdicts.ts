import type { StreamState } from "#core/plan-types.ts";

import type { ObservedPulls } from "./observe-pull-requests.ts";
import { readVerdicts } from "./recover.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** How far back one look goes, in commits that touched the file of a target. */
const commitsRead = 20;

/**
 * Finds out again what was verified in a stream long ago: in the check runs of every commit that touched the file of
 * one target of each artifact that stands there. The stream's verdicts, with what was found.
 */
export async function readPastVerdicts(
  context: RepositoryContext,
  state: StreamState,
  pulls: ObservedPulls,
  head: string,
): Promise<StreamState["verdicts"]> {
  const { repository, memory } = context;
  const merges = new Map(
    pulls.flatMap(({ headRevision, mergeRevision }) =>
      mergeRevision === null ? [] : [[headRevision, mergeRevision] as const],
    ),
  );
  const files = state.desired.flatMap(({ tenants }) => {
    const one = state.targets.find(({ target }) => tenants.includes(target.tenant));
    return one === undefined ? [] : [one.target.file];
  });
  const lists = await Promise.all(
    files.map((file) => repository.commitsTouching(file, head, commitsRead)),
  );
  const revisions = lists.flat().map(({ revision }) => merges.get(revision) ?? revision);
  await Promise.all(
    [...new Set(revisions)].map((revision) => readVerdicts(context, state.stream, revision)),
  );
  return memory.verdicts(state.stream);
}
