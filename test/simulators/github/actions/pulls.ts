import { validationFailed } from "../http/answer.ts";
import type { FieldError } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import { findAccount, ownerOf } from "../state/find.ts";
import type { Issue, Pull, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { trackHead, tellPull } from "./pull-follow.ts";

export type NewPull = {
  title: string | undefined;
  body: string | null;
  head: string;
  base: string;
  draft: boolean;
  maintainerCanModify: boolean;
  issue: Issue | undefined;
};

/** GitHub's longest title and body. */
export const LONGEST_TITLE = 256;
export const LONGEST_BODY = 65_536;

/** Opens a pull request; throws 422 with all that GitHub refuses. */
export async function openPull(work: Work, repository: Repository, wanted: NewPull): Promise<Pull> {
  const { world } = work;
  const { head, headSha, baseSha, label } = await checkedBranches(work, repository, wanted);
  const issue = wanted.issue ?? insertIssue(work, repository, wanted);
  const pull = world.tables.pulls.insert({
    id: world.nextId("pull"),
    issueId: issue.id,
    repositoryId: repository.id,
    number: issue.number,
    headRepositoryId: head.repository.id,
    headLabel: label,
    headRef: head.branch,
    headSha,
    baseRef: wanted.base,
    baseSha,
    draft: wanted.draft,
    mergedAt: null,
    mergedById: null,
    mergeCommitSha: null,
    mergeable: null,
    maintainerCanModify: wanted.maintainerCanModify,
  });
  world.tables.issues.update(issue.id, { pullId: pull.id });
  await trackHead(world, repository, pull.number, head.repository, headSha);
  await tellPull(work, repository, pull.id, "opened");
  return pull;
}

async function checkedBranches(work: Work, repository: Repository, wanted: NewPull) {
  const { world } = work;
  const git = world.git(repository);
  const wrong = (error: Omit<FieldError, "resource">): FieldError => ({
    resource: "PullRequest",
    ...error,
  });
  const head = headOf(work, repository, wanted.head);
  const headSha =
    head === undefined
      ? undefined
      : world.git(head.repository).refs.get(`refs/heads/${head.branch}`);
  const baseSha = git.refs.get(`refs/heads/${wanted.base}`);
  const problems: FieldError[] = [];
  if (wanted.title?.trim() === "" || (wanted.title === undefined && wanted.issue === undefined)) {
    problems.push(wrong({ code: "missing_field", field: "title" }));
  }
  if (headSha === undefined) problems.push(wrong({ code: "invalid", field: "head" }));
  if (baseSha === undefined) problems.push(wrong({ code: "invalid", field: "base" }));
  problems.push(...tooLong("PullRequest", wanted));
  if (problems.length > 0 || headSha === undefined || baseSha === undefined || !head) {
    throw validationFailed(...problems);
  }
  const custom = (message: string) => validationFailed(wrong({ code: "custom", message }));
  const label = `${ownerOf(world, head.repository).login}:${head.branch}`;
  if (duplicate(work, repository, head, wanted.base)) {
    throw custom(`A pull request already exists for ${label}.`);
  }
  if (head.repository.id !== repository.id) {
    await trackHead(world, repository, 0, head.repository, headSha);
  }
  if ((await git.mergeBase(baseSha, headSha)) === undefined) {
    throw custom(`The ${head.branch} branch has no history in common with ${wanted.base}`);
  }
  if (await git.isAncestor(headSha, baseSha)) {
    const shown = head.repository.id === repository.id ? head.branch : label;
    throw custom(`No commits between ${wanted.base} and ${shown}`);
  }
  return { head, headSha, baseSha, label };
}

/** GitHub keeps at most one open pull request for a head and a base. */
function duplicate(
  { world }: Work,
  repository: Repository,
  head: { repository: Repository; branch: string },
  base: string,
): boolean {
  return (
    world.tables.pulls.find(
      (pull) =>
        pull.repositoryId === repository.id &&
        pull.headRepositoryId === head.repository.id &&
        pull.headRef === head.branch &&
        pull.baseRef === base &&
        world.tables.issues.need(pull.issueId).state === "open",
    ) !== undefined
  );
}

/** `branch`, or `owner:branch` of this repository or of a fork of it. */
function headOf(
  { world }: Work,
  repository: Repository,
  text: string,
): { repository: Repository; branch: string } | undefined {
  const colon = text.indexOf(":");
  if (colon < 0) return { repository, branch: text };
  const account = findAccount(world, text.slice(0, colon));
  const branch = text.slice(colon + 1);
  if (account === undefined) return undefined;
  if (account.id === repository.ownerId) return { repository, branch };
  const fork = world.tables.repositories.find(
    (row) => row.ownerId === account.id && row.parentId === repository.id,
  );
  return fork === undefined ? undefined : { repository: fork, branch };
}

export function tooLong(
  resource: string,
  { title, body }: { title?: string | undefined; body?: string | null | undefined },
): FieldError[] {
  const problems: FieldError[] = [];
  if (title !== undefined && Array.from(title).length > LONGEST_TITLE) {
    const message = `title is too long (maximum is ${LONGEST_TITLE} characters)`;
    problems.push({ resource, code: "custom", field: "title", message });
  }
  if (typeof body === "string" && Array.from(body).length > LONGEST_BODY) {
    const message = `body is too long (maximum is ${LONGEST_BODY} characters)`;
    problems.push({ resource, code: "custom", field: "body", message });
  }
  return problems;
}

/** The next number of the repository, with its issue row. */
export function insertIssue(
  { world, actor }: Work,
  repository: Repository,
  { title, body }: { title: string | undefined; body: string | null },
): Issue {
  const { lastNumber } = world.tables.repositories.need(repository.id);
  const number = lastNumber + 1;
  world.tables.repositories.update(repository.id, { lastNumber: number });
  return world.tables.issues.insert({
    id: world.nextId("issue"),
    repositoryId: repository.id,
    number,
    title: title ?? "",
    body,
    userId: actor.account.id,
    appId: actor.app?.id ?? null,
    state: "open",
    stateReason: null,
    labelIds: [],
    assignees: [],
    locked: false,
    pullId: null,
    createdAt: world.date(),
    updatedAt: world.date(),
    closedAt: null,
    closedById: null,
  });
}

/** While a pull request is open, `merge_commit_sha` is a merge that GitHub made to try it, on no branch. */
async function testMerge(
  world: World,
  repository: Repository,
  pull: Pull,
  { tree, base }: { tree: string; base: string },
): Promise<string> {
  const who = { name: "GitHub", email: "noreply@github.com", date: world.date() };
  const message = `Merge ${pull.headSha} into ${base}`;
  const parents = [base, pull.headSha];
  const text = { tree, parents, author: who, committer: who, message };
  return world.git(repository).createCommit(text, true);
}

/** Finds out whether the pull request merges cleanly, as GitHub's background job does. */
export async function computeMergeable(work: Pick<Work, "world">, pull: Pull): Promise<boolean> {
  const { world } = work;
  const repository = world.tables.repositories.need(pull.repositoryId);
  const git = world.git(repository);
  const base = git.refs.get(`refs/heads/${pull.baseRef}`);
  const outcome =
    base === undefined ? { clean: false as const, files: [] } : await git.merge(base, pull.headSha);
  const current = world.tables.pulls.need(pull.id);
  const moved =
    current.headSha !== pull.headSha || git.refs.get(`refs/heads/${pull.baseRef}`) !== base;
  if (!moved && world.tables.issues.need(pull.issueId).state === "open") {
    const test = outcome.clean && base !== undefined ? { tree: outcome.tree, base } : undefined;
    const mergeCommitSha =
      test === undefined ? null : await testMerge(world, repository, pull, test);
    world.tables.pulls.update(pull.id, { mergeable: outcome.clean, mergeCommitSha });
  }
  return outcome.clean;
}
