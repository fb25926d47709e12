import { ownerOf } from "../state/find.ts";
import type { Issue, Pull, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { renderUser, renderUserById } from "./account.ts";
import { authorAssociation, labelsOf } from "./issue.ts";
import { nodeId } from "./node-id.ts";
import { renderRepository, repositoryPage, repositoryUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

export type PullFacts = {
  mergeable: boolean | null;
  mergeableState: string;
  rebaseable: boolean | null;
  commits: number;
  additions: number;
  deletions: number;
  changedFiles: number;
};

function side(
  world: World,
  repository: Repository | undefined,
  { label, ref, sha }: { label: string; ref: string; sha: string },
) {
  return {
    label,
    ref,
    sha,
    user: repository === undefined ? null : renderUser(world, ownerOf(world, repository)),
    repo: repository === undefined ? null : renderRepository(world, repository),
  };
}

/** The pull request as lists give it. */
export function renderPullSimple(
  world: World,
  repository: Repository,
  pull: Pull,
  issue: Issue,
): Schemas["pull-request-simple"] {
  const url = `${repositoryUrl(world, repository)}/pulls/${pull.number}`;
  const issueUrl = `${repositoryUrl(world, repository)}/issues/${pull.number}`;
  const page = `${repositoryPage(world, repository)}/pull/${pull.number}`;
  const statuses = `${repositoryUrl(world, repository)}/statuses/${pull.headSha}`;
  const reviewComment = `${repositoryUrl(world, repository)}/pulls/comments{/number}`;
  const head =
    pull.headRepositoryId === null
      ? undefined
      : world.tables.repositories.get(pull.headRepositoryId);
  const base = {
    label: `${ownerOf(world, repository).login}:${pull.baseRef}`,
    ref: pull.baseRef,
    sha: pull.baseSha,
  };
  const headSide = { label: pull.headLabel, ref: pull.headRef, sha: pull.headSha };
  return {
    url,
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl,
    number: pull.number,
    state: issue.state,
    locked: issue.locked,
    title: issue.title,
    user: renderUserById(world, issue.userId),
    body: issue.body,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: labelsOf(world, repository, issue) as Schemas["pull-request-simple"]["labels"],
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: reviewComment,
    comments_url: `${issueUrl}/comments`,
    statuses_url: statuses,
    // The schema wants a repository; GitHub answers null where the fork is gone, and so do we.
    head: side(world, head, headSide) as Schemas["pull-request-simple"]["head"],
    base: side(world, repository, base) as Schemas["pull-request-simple"]["base"],
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issueUrl },
      comments: { href: `${issueUrl}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: reviewComment },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: authorAssociation(world, repository, issue.userId),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** The pull request as `GET pulls/{number}` and payloads give it. */
export function renderPull(
  world: World,
  repository: Repository,
  pull: Pull,
  issue: Issue,
  facts: PullFacts,
): Schemas["pull-request"] {
  const simple = renderPullSimple(world, repository, pull, issue);
  return {
    ...(simple as unknown as Omit<Schemas["pull-request"], keyof PullFacts>),
    user: renderUserById(world, issue.userId),
    state: issue.state,
    merged: pull.mergedAt !== null,
    mergeable: facts.mergeable,
    rebaseable: facts.rebaseable,
    mergeable_state: facts.mergeableState,
    merged_by: pull.mergedById === null ? null : renderUserById(world, pull.mergedById),
    comments: world.tables.comments.filter((row) => row.issueId === issue.id).length,
    review_comments: 0,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: facts.commits,
    additions: facts.additions,
    deletions: facts.deletions,
    changed_files: facts.changedFiles,
  };
}
