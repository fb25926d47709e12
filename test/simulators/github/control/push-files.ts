import { protectionProblem } from "../actions/branch-rules.ts";
import { signatureOf } from "../actions/merge-pull.ts";
import { openPull } from "../actions/pulls.ts";
import { moveRefs } from "../actions/push.ts";
import { applyChange } from "../git/merge.ts";
import { ZERO_SHA } from "../git/refs.ts";
import type { TreeEdit } from "../git/trees.ts";
import { ApiError } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import type { Pull, Repository } from "../state/records.ts";

/** A person pushes one commit; a branch that is new starts at the default branch. */
export async function pushFiles(
  work: Work,
  repository: Repository,
  wanted: {
    branch: string;
    files: Record<string, string | null>;
    message: string;
    force: boolean;
  },
): Promise<{ sha: string }> {
  const git = work.world.git(repository);
  const ref = `refs/heads/${wanted.branch}`;
  const before = git.refs.get(ref);
  const start = before ?? git.refs.get(`refs/heads/${repository.defaultBranch}`);
  const tree = start === undefined ? undefined : (await git.commitOrFail(start)).tree;
  const batch = git.objects.batch();
  const edits = Object.entries(wanted.files).map(([path, text]): TreeEdit => ({
    path,
    mode: "100644",
    type: "blob",
    sha: text === null ? null : batch.add("blob", Buffer.from(text)),
  }));
  const sha = await commit(work, repository, {
    tree: await git.editTree(tree, edits, batch),
    parents: start === undefined ? [] : [start],
    message: wanted.message,
  });
  await moveBranch(work, repository, { ref, before: before ?? ZERO_SHA, after: sha }, wanted.force);
  return { sha };
}

/** A person takes back what one commit brought, on the default branch or by a pull request. */
export async function revertCommit(
  work: Work,
  repository: Repository,
  wanted: { sha: string; pull: Pull | undefined; pullRequest: boolean },
): Promise<{ sha: string; number?: number }> {
  const { world } = work;
  const git = world.git(repository);
  const ref = `refs/heads/${repository.defaultBranch}`;
  const head = git.refs.get(ref);
  const reverted = await git.commitOrFail(wanted.sha);
  const [parent] = reverted.parents;
  if (head === undefined || parent === undefined) throw new ApiError(422, "nothing to revert");
  const outcome = await applyChange(git.directory, {
    base: wanted.sha,
    ours: head,
    theirs: parent,
  });
  if (!outcome.clean) throw new ApiError(409, `conflicts in ${outcome.files.join(", ")}`);
  const title = `Revert "${reverted.message.split("\n")[0] ?? ""}"`;
  const message = `${title}\n\nThis reverts commit ${wanted.sha}.\n`;
  const sha = await commit(work, repository, { tree: outcome.tree, parents: [head], message });
  if (!wanted.pullRequest) {
    await moveBranch(work, repository, { ref, before: head, after: sha }, false);
    return { sha };
  }
  const branch = `revert-${wanted.pull?.number ?? wanted.sha.slice(0, 7)}`;
  const to = { ref: `refs/heads/${branch}`, before: ZERO_SHA, after: sha };
  await moveBranch(work, repository, to, false);
  const opened = await openPull(work, repository, {
    title,
    body: wanted.pull === undefined ? null : `Reverts #${wanted.pull.number}`,
    head: branch,
    base: repository.defaultBranch,
    draft: false,
    maintainerCanModify: true,
    issue: undefined,
  });
  return { sha, number: opened.number };
}

function commit(
  { world, actor }: Work,
  repository: Repository,
  { tree, parents, message }: { tree: string; parents: string[]; message: string },
): Promise<string> {
  const author = signatureOf(actor.account, world.date());
  const text = { tree, parents, author, committer: author, message };
  return world.git(repository).createCommit(text, false);
}

async function moveBranch(
  work: Work,
  repository: Repository,
  move: { ref: string; before: string; after: string },
  force: boolean,
): Promise<void> {
  const wish = { ref: move.ref, sha: move.after, forced: false, deletes: false };
  const problem = force ? undefined : protectionProblem(work, repository, wish);
  if (problem !== undefined) throw new ApiError(422, problem);
  const outcome = await moveRefs(work, repository, [move]);
  if (!outcome.ok) throw new ApiError(422, outcome.message);
}
