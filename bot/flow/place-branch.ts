import type { ServicePolicy } from "#core/policy.ts";
import type { Target } from "#core/target.ts";

import { recogniseCommit } from "./observe-open-promotion.ts";
import type { RepositoryContext } from "./repository-context.ts";

export type Placed = { readonly kind: "placed" } | NotPlaced;
type NotPlaced = { readonly kind: "refused"; readonly reason: string; readonly sentence: string };

/**
 * Points the stream's branch at the commit. A branch that is in the way is moved only when nothing of anybody else
 * would be lost: its tip is a commit that Sluice made, or is contained in the default branch.
 */
export async function placeBranch(
  context: RepositoryContext,
  move: { readonly branch: string; readonly from: string | null; readonly to: string },
  service: ServicePolicy | undefined,
  targets: readonly Target[],
): Promise<Placed> {
  const { repository, memory, login } = context;
  const { branch, to } = move;
  const first = await repository.moveBranch(move);
  if (first.kind === "moved") return { kind: "placed" };
  if (first.kind === "refused") return branchRefused(first.sentence);
  const standing = await repository.branch(branch);
  if (standing === to) return { kind: "placed" };
  if (standing !== null && !(await mayMove(standing))) return branchTaken(branch);
  const moved = await repository.moveBranch({ branch, from: standing, to });
  switch (moved.kind) {
    case "moved":
      return { kind: "placed" };
    case "refused":
      return branchRefused(moved.sentence);
    case "changed":
      return {
        kind: "refused",
        reason: "branch-moving",
        sentence: `The branch ${branch} is being moved by somebody else; Sluice looks again shortly.`,
      };
  }

  async function mayMove(revision: string): Promise<boolean> {
    if ((await memory.made(revision)) !== null) return true;
    const head = await repository.head();
    if ((await repository.contains(revision, head.revision)) === "yes") return true;
    if (service === undefined) return false;
    const options = { revision, service, targets, login };
    return (await recogniseCommit(repository, memory, options)) !== null;
  }
}

function branchRefused(sentence: string): NotPlaced {
  return { kind: "refused", reason: "branch-refused", sentence };
}

/** Somebody's commits stand on the stream's own branch. */
export function branchTaken(branch: string): NotPlaced {
  return {
    kind: "refused",
    reason: "branch-taken",
    sentence:
      `The branch ${branch} holds commits that Sluice did not make. ` +
      "Move them to another branch and delete this one; Sluice then goes on by itself.",
  };
}
