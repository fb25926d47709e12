import type { Signature } from "../git/commits.ts";
import { applyChange } from "../git/merge.ts";
import { ApiError } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import { noreplyAddress } from "../render/commit.ts";
import { roleOf } from "../state/find.ts";
import type { MergeMethod } from "../state/merge-rules.ts";
import type { Account, Pull, Repository } from "../state/records.ts";
import { isBehind, unmetRequirements } from "./merge-state.ts";
import { closePull } from "./pull-follow.ts";
import { moveRefs } from "./push.ts";

export type MergeWish = {
  method: MergeMethod;
  sha: string | undefined;
  title: string | undefined;
  message: string | undefined;
};

const METHOD_NAMES: Record<MergeMethod, string> = {
  merge: "Merge commits",
  squash: "Squash merges",
  rebase: "Rebase merges",
};

/** Merges onto the base as it is now and returns the new commit; throws 405 or 409 in GitHub's words. */
export async function mergePull(
  work: Work,
  repository: Repository,
  pull: Pull,
  wish: MergeWish,
): Promise<string> {
  const { world } = work;
  const issue = world.tables.issues.need(pull.issueId);
  const git = world.git(repository);
  const ref = `refs/heads/${pull.baseRef}`;
  const base = git.refs.get(ref);
  if (issue.state !== "open" || base === undefined) throw notMergeable();
  if (pull.draft) throw new ApiError(405, "Pull Request is still a draft");
  if (wish.sha !== undefined && wish.sha !== pull.headSha) {
    throw new ApiError(409, "Head branch was modified. Review and try the merge again.");
  }
  if (!repository.mergeMethods.includes(wish.method)) {
    throw new ApiError(405, `${METHOD_NAMES[wish.method]} are not allowed on this repository.`);
  }
  checkRules(work, repository, pull, wish.method);
  await checkProtection(work, repository, pull, wish.method);
  const sha = await mergedCommit(work, repository, pull, wish, base);
  // The pull request is merged before the push is told, so that the push does not close it a second time.
  const closed = world.tables.pulls.update(pull.id, { baseSha: base });
  const before = { issue, pull };
  const outbox: Work["outbox"] = [];
  await closePull({ ...work, outbox }, repository, closed, { sha });
  const outcome = await moveRefs(work, repository, [{ ref, before: base, after: sha }]);
  if (!outcome.ok) {
    world.tables.issues.update(before.issue.id, before.issue);
    world.tables.pulls.update(before.pull.id, before.pull);
    throw new ApiError(405, "Base branch was modified. Review and try the merge again.");
  }
  work.outbox.push(...outbox);
  const head = `refs/heads/${pull.headRef}`;
  if (repository.deleteBranchOnMerge && pull.headRepositoryId === repository.id) {
    await moveRefs(work, repository, [{ ref: head, after: "0".repeat(40) }]);
  }
  return sha;
}

function notMergeable(): ApiError {
  return new ApiError(405, "Pull Request is not mergeable");
}

/** Rulesets know no administrators: who may go past them is named in them. */
function checkRules(
  { world }: Work,
  repository: Repository,
  pull: Pull,
  method: MergeMethod,
): void {
  const rules = repository.rules[pull.baseRef];
  if (rules === undefined) return;
  if (rules.mergeQueue !== null) {
    throw new ApiError(405, "Changes must be made through the merge queue");
  }
  const allowed = rules.mergeMethods ?? ["merge", "squash", "rebase"];
  const unmet = unmetRequirements(world, repository, pull);
  if (rules.linearHistory && method === "merge") {
    unmet.push("This branch must not contain merge commits.");
  } else if (!allowed.includes(method)) {
    unmet.push(`Merge method ${method} is not one of the allowed ones: ${allowed.join(", ")}.`);
  }
  if (rules.signatures && method === "rebase") {
    unmet.push("Commits must have verified signatures.");
  }
  if (unmet.length > 0) {
    throw new ApiError(405, `Repository rule violations found\n\n${unmet.join("\n\n")}`);
  }
}

async function checkProtection(
  { world, actor }: Work,
  repository: Repository,
  pull: Pull,
  method: MergeMethod,
): Promise<void> {
  const protection = repository.protection[pull.baseRef];
  if (protection === undefined) return;
  const admin = roleOf(world, repository, actor.account.login) === "admin";
  if (admin && !protection.enforceAdmins) return;
  if (protection.linearHistory && method === "merge") {
    throw new ApiError(405, "This branch must not contain merge commits.");
  }
  const unmet = unmetRequirements(world, repository, pull);
  if (await isBehind(world, repository, pull)) {
    unmet.push("Head branch is not up to date with the base branch.");
  }
  if (unmet.length > 0) throw new ApiError(405, unmet.join(" "));
}

export async function mergedCommit(
  work: Work,
  repository: Repository,
  pull: Pull,
  wish: MergeWish,
  base: string,
): Promise<string> {
  if (wish.method === "rebase") return rebasedCommit(work, repository, pull, base);
  const { world, actor } = work;
  const git = world.git(repository);
  const outcome = await git.merge(base, pull.headSha);
  if (!outcome.clean) throw notMergeable();
  const issue = world.tables.issues.need(pull.issueId);
  const text =
    wish.method === "merge"
      ? {
          title: `Merge pull request #${pull.number} from ${pull.headLabel.replace(":", "/")}`,
          message: issue.title,
        }
      : await squashText(work, repository, pull, base);
  const title = wish.title === undefined || wish.title === "" ? text.title : wish.title;
  const message = wish.message ?? text.message;
  const author = wish.method === "merge" ? actor.account : world.tables.accounts.need(issue.userId);
  const date = world.date();
  return git.createCommit(
    {
      tree: outcome.tree,
      parents: wish.method === "merge" ? [base, pull.headSha] : [base],
      author: signatureOf(author, date),
      committer: { name: "GitHub", email: "noreply@github.com", date },
      message: message === "" ? title : `${title}\n\n${message}`,
    },
    true,
  );
}

/** One commit: its own message. Several: the pull request's title and a list of theirs. */
async function squashText(
  { world }: Work,
  repository: Repository,
  pull: Pull,
  base: string,
): Promise<{ title: string; message: string }> {
  const git = world.git(repository);
  const issue = world.tables.issues.need(pull.issueId);
  const shas = (await git.commitsBetween(base, pull.headSha)).toReversed();
  const commits = await Promise.all(shas.map((sha) => git.commitOrFail(sha)));
  const [only] = commits;
  if (commits.length === 1 && only !== undefined) {
    const [title = "", ...rest] = only.message.split("\n");
    return { title: `${title} (#${pull.number})`, message: rest.join("\n").trim() };
  }
  const list = commits.map((commit) => `* ${commit.message.trim()}`).join("\n\n");
  return { title: `${issue.title} (#${pull.number})`, message: list };
}

async function rebasedCommit(
  { world, actor }: Work,
  repository: Repository,
  pull: Pull,
  base: string,
): Promise<string> {
  const git = world.git(repository);
  const shas = (await git.commitsBetween(base, pull.headSha)).toReversed();
  let tip = base;
  for (const sha of shas) {
    const commit = await git.commitOrFail(sha);
    const [parent, second] = commit.parents;
    if (second !== undefined || parent === undefined) continue;
    const outcome = await applyChange(git.directory, { base: parent, ours: tip, theirs: sha });
    if (!outcome.clean) throw notMergeable();
    tip = await git.createCommit(
      {
        tree: outcome.tree,
        parents: [tip],
        author: commit.author,
        committer: signatureOf(actor.account, world.date()),
        message: commit.message,
      },
      false,
    );
  }
  return tip;
}

export function signatureOf(account: Account, date: string): Signature {
  return { name: account.name ?? account.login, email: noreplyAddress(account), date };
}

/** Merges the base into the head; false when the head has all of it. */
export async function updateBranch(
  work: Work,
  repository: Repository,
  pull: Pull,
): Promise<"updated" | "up to date" | "conflict"> {
  const { world, actor } = work;
  const head =
    pull.headRepositoryId === null ? null : world.tables.repositories.get(pull.headRepositoryId);
  const git = world.git(repository);
  const base = git.refs.get(`refs/heads/${pull.baseRef}`);
  if (head === null || head === undefined || base === undefined) return "conflict";
  if (await git.isAncestor(base, pull.headSha)) return "up to date";
  const outcome = await git.merge(pull.headSha, base);
  if (!outcome.clean) return "conflict";
  const date = world.date();
  const sha = await git.createCommit(
    {
      tree: outcome.tree,
      parents: [pull.headSha, base],
      author: signatureOf(actor.account, date),
      committer: { name: "GitHub", email: "noreply@github.com", date },
      message: `Merge branch '${pull.baseRef}' into ${pull.headRef}`,
    },
    true,
  );
  const ref = `refs/heads/${pull.headRef}`;
  const moved = await moveRefs(work, head, [{ ref, before: pull.headSha, after: sha }]);
  return moved.ok ? "updated" : "conflict";
}
