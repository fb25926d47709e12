import { validationFailed } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import type { Issue, Pull, Repository } from "../state/records.ts";
import { closePull, tellPull } from "./pull-follow.ts";
import { tooLong } from "./pulls.ts";

export type PullPatch = {
  title?: string;
  body?: string | null;
  state?: "open" | "closed";
  base?: string;
  maintainer_can_modify?: boolean;
};

/** Changes what a person or a bot may change of a pull request; throws 422 with all that GitHub refuses. */
export async function editPull(
  work: Work,
  repository: Repository,
  pull: Pull,
  patch: PullPatch,
): Promise<void> {
  const { world } = work;
  const git = world.git(repository);
  const issue = world.tables.issues.need(pull.issueId);
  const problems = tooLong("PullRequest", patch);
  if (patch.title !== undefined && patch.title.trim() === "") {
    problems.push({ resource: "PullRequest", code: "missing_field", field: "title" });
  }
  if (patch.base !== undefined && git.refs.get(`refs/heads/${patch.base}`) === undefined) {
    problems.push({ resource: "PullRequest", code: "invalid", field: "base" });
  }
  if (problems.length > 0) throw validationFailed(...problems);
  const changes: Record<string, unknown> = {};
  if (patch.title !== undefined && patch.title !== issue.title) {
    changes["title"] = { from: issue.title };
  }
  if (patch.body !== undefined && patch.body !== issue.body) {
    changes["body"] = { from: issue.body ?? "" };
  }
  if (patch.base !== undefined && patch.base !== pull.baseRef) {
    changes["base"] = { ref: { from: pull.baseRef }, sha: { from: pull.baseSha } };
    const baseSha = git.refs.get(`refs/heads/${patch.base}`) ?? pull.baseSha;
    world.tables.pulls.update(pull.id, { baseRef: patch.base, baseSha, mergeable: null });
  }
  world.tables.issues.update(issue.id, {
    title: patch.title ?? issue.title,
    body: patch.body === undefined ? issue.body : patch.body,
    updatedAt: world.date(),
  });
  if (patch.maintainer_can_modify !== undefined) {
    world.tables.pulls.update(pull.id, { maintainerCanModify: patch.maintainer_can_modify });
  }
  if (Object.keys(changes).length > 0) {
    await tellPull(work, repository, pull.id, "edited", { changes });
  }
  const current = world.tables.pulls.need(pull.id);
  if (patch.state === "closed" && issue.state === "open") {
    await closePull(work, repository, current);
  }
  if (patch.state === "open" && issue.state === "closed") {
    await reopen(work, repository, current, issue);
  }
}

async function reopen(work: Work, repository: Repository, pull: Pull, issue: Issue): Promise<void> {
  const { world } = work;
  const refuse = (why: string) => {
    const message = `state cannot be changed. ${why}`;
    return validationFailed({ resource: "PullRequest", code: "invalid", field: "state", message });
  };
  if (pull.mergedAt !== null) throw refuse("The pull request cannot be reopened.");
  const head =
    pull.headRepositoryId === null
      ? undefined
      : world.tables.repositories.get(pull.headRepositoryId);
  const sha =
    head === undefined ? undefined : world.git(head).refs.get(`refs/heads/${pull.headRef}`);
  if (sha === undefined) throw refuse(`The ${pull.headRef} branch has been deleted.`);
  if (!(await world.git(repository).isAncestor(pull.headSha, sha))) {
    throw refuse(`The ${pull.headRef} branch was force-pushed or recreated.`);
  }
  const other = world.tables.pulls.find(
    (row) =>
      row.id !== pull.id &&
      row.repositoryId === repository.id &&
      row.headLabel === pull.headLabel &&
      row.baseRef === pull.baseRef &&
      world.tables.issues.need(row.issueId).state === "open",
  );
  if (other !== undefined) {
    throw refuse(`There is already an open pull request from ${pull.headRef} to ${pull.baseRef}.`);
  }
  world.tables.issues.update(issue.id, { state: "open", closedAt: null, closedById: null });
  world.tables.pulls.update(pull.id, { headSha: sha, mergeable: null });
  await tellPull(work, repository, pull.id, "reopened");
}
