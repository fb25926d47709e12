import { git, runGit } from "./process.ts";

export type MergeOutcome = { clean: true; tree: string } | { clean: false; files: string[] };

/** A true three-way merge of two commits, without a work tree. */
export async function mergeTrees(
  directory: string,
  ours: string,
  theirs: string,
): Promise<MergeOutcome> {
  const args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs];
  const result = await runGit(directory, args);
  const [tree = "", ...files] = result.stdout.toString("utf8").split("\0");
  if (result.code === 0) return { clean: true, tree };
  if (result.code === 1) return { clean: false, files: files.filter((f) => f !== "") };
  throw new Error(`git merge-tree failed (${result.code}): ${result.stderr.trim()}`);
}

/**
 * Applies the change from `base` to `theirs` on top of the tree of `ours`: a cherry-pick, or, with base and theirs
 * exchanged, a revert. git 2.39 has no `merge-tree --merge-base`, so two parentless-in-effect commits are made whose
 * only common ancestor is `base`.
 */
export async function applyChange(
  directory: string,
  { base, ours, theirs }: { base: string; ours: string; theirs: string },
): Promise<MergeOutcome> {
  const commit = async (treeish: string): Promise<string> => {
    const args = ["commit-tree", `${treeish}^{tree}`, "-p", base, "-m", "synthetic"];
    return (await git(directory, args)).trim();
  };
  const [left, right] = await Promise.all([commit(ours), commit(theirs)]);
  return mergeTrees(directory, left, right);
}
