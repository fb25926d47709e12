import { ownerOf } from "../state/find.ts";
import type { Comment, Issue, Label, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { renderAppOrNull, renderUserById } from "./account.ts";
import { nodeId } from "./node-id.ts";
import { repositoryPage, repositoryUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

export function renderLabel(world: World, repository: Repository, label: Label): Schemas["label"] {
  return {
    id: label.id,
    node_id: nodeId("LA", label.id),
    url: `${repositoryUrl(world, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: label.default,
    description: label.description,
  };
}

export function labelsOf(world: World, repository: Repository, issue: Issue): Schemas["label"][] {
  return issue.labelIds
    .map((id) => world.tables.labels.get(id))
    .filter((label) => label !== undefined)
    .map((label) => renderLabel(world, repository, label));
}

/** Wrong for owners of an organization on purpose: GitHub's is, too. */
export function authorAssociation(
  world: World,
  repository: Repository,
  userId: number,
): Schemas["author-association"] {
  const account = world.tables.accounts.need(userId);
  const owner = ownerOf(world, repository);
  const among = (logins: string[]): boolean =>
    logins.some((login) => login.toLowerCase() === account.login.toLowerCase());
  if (account.id === owner.id) return "OWNER";
  if (among(owner.members)) return "MEMBER";
  if (among(Object.keys(repository.collaborators))) return "COLLABORATOR";
  return account.type === "Bot" ? "CONTRIBUTOR" : "NONE";
}

export function reactionRollup(
  world: World,
  subject: "issue" | "comment",
  subjectId: number,
  url: string,
): Schemas["reaction-rollup"] {
  const contents = world.tables.reactions
    .filter((row) => row.subject === subject && row.subjectId === subjectId)
    .map((row) => row.content);
  const count = (content: string): number => contents.filter((c) => c === content).length;
  return {
    url: `${url}/reactions`,
    total_count: contents.length,
    "+1": count("+1"),
    "-1": count("-1"),
    laugh: count("laugh"),
    confused: count("confused"),
    heart: count("heart"),
    hooray: count("hooray"),
    eyes: count("eyes"),
    rocket: count("rocket"),
  };
}

export function issueLinks(world: World, repository: Repository, issue: Issue) {
  const kind = issue.pullId === null ? "issues" : "pull";
  return {
    url: `${repositoryUrl(world, repository)}/issues/${issue.number}`,
    html_url: `${repositoryPage(world, repository)}/${kind}/${issue.number}`,
  };
}

export function renderIssue(world: World, repository: Repository, issue: Issue): Schemas["issue"] {
  const { url, html_url } = issueLinks(world, repository, issue);
  const pull = issue.pullId === null ? undefined : world.tables.pulls.get(issue.pullId);
  const closer = issue.closedById === null ? null : renderUserById(world, issue.closedById);
  return {
    id: issue.id,
    node_id: nodeId("I", issue.id),
    url,
    repository_url: repositoryUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url,
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: renderUserById(world, issue.userId),
    labels: labelsOf(world, repository, issue),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: issue.locked,
    active_lock_reason: null,
    comments: world.tables.comments.filter((row) => row.issueId === issue.id).length,
    closed_at: issue.closedAt,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_by: closer,
    timeline_url: `${url}/timeline`,
    author_association: authorAssociation(world, repository, issue.userId),
    performed_via_github_app: renderAppOrNull(world, issue.appId),
    reactions: reactionRollup(world, "issue", issue.id, url),
    ...(pull === undefined
      ? {}
      : {
          draft: pull.draft,
          pull_request: {
            url: `${repositoryUrl(world, repository)}/pulls/${issue.number}`,
            html_url,
            diff_url: `${html_url}.diff`,
            patch_url: `${html_url}.patch`,
            merged_at: pull.mergedAt,
          },
        }),
  };
}

export function renderComment(
  world: World,
  repository: Repository,
  comment: Comment,
): Schemas["issue-comment"] {
  const issue = world.tables.issues.need(comment.issueId);
  const links = issueLinks(world, repository, issue);
  const url = `${repositoryUrl(world, repository)}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: nodeId("IC", comment.id),
    url,
    html_url: `${links.html_url}#issuecomment-${comment.id}`,
    issue_url: links.url,
    body: comment.body,
    user: renderUserById(world, comment.userId),
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: authorAssociation(world, repository, comment.userId),
    performed_via_github_app: renderAppOrNull(world, comment.appId),
    reactions: reactionRollup(world, "comment", comment.id, url),
  };
}
