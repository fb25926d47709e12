import { policyPath } from "#core/policy-parse.ts";
import type { Policy } from "#core/policy.ts";

import { observePolicy, type ObservedPolicy } from "./observe-policy.ts";
import type { RepositoryContext } from "./repository-context.ts";

type LastValid = { readonly revision: string; readonly blob: string };

const lastValidNote = "policy-valid";
/** How many commits that touched the file are looked through for one that left it valid. */
const commitsRead = 30;

/**
 * The policy that rollouts follow: the one of this commit, or, where that is broken, the last valid one. It is
 * remembered, and otherwise found in the file's own history. Null where there never was one.
 */
export async function policyToFollow(
  context: RepositoryContext,
  head: string,
  observed: Exclude<ObservedPolicy, { kind: "absent" }>,
): Promise<Policy | null> {
  const { memory, repository } = context;
  const known = await memory.get<LastValid>(lastValidNote);
  if (observed.kind === "policy") {
    const { blob } = observed;
    if (known?.blob !== blob)
      await memory.set(lastValidNote, { revision: head, blob } satisfies LastValid);
    return observed.policy;
  }
  if (known !== null && (await repository.contains(known.revision, head)) === "yes") {
    const last = await observePolicy(repository, known.revision);
    if (last.kind === "policy") return last.policy;
  }
  for (const { revision } of await repository.commitsTouching(policyPath, head, commitsRead)) {
    const before = await observePolicy(repository, revision);
    if (before.kind !== "policy") continue;
    const { blob } = before;
    await memory.set(lastValidNote, { revision, blob } satisfies LastValid);
    return before.policy;
  }
  return null;
}
