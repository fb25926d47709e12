import type { Commit } from "#ports/github-things.ts";
import type { FileEdit, GitopsRepo } from "#ports/gitops-repo.ts";

/** A commit that holds at least one edit. */
export async function aCommit(
  repo: GitopsRepo,
  { message, ...rest }: { parent: string; edits: readonly FileEdit[]; message: string },
): Promise<Commit> {
  const commit = await repo.createCommit({ ...rest, message: () => message });
  if (commit === null) throw new Error("a commit with edits is never empty");
  return commit;
}
