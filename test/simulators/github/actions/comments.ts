import { ApiError, validationFailed } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import { renderComment, renderIssue } from "../render/issue.ts";
import type { Comment, Issue, Repository } from "../state/records.ts";
import { emit } from "./emit.ts";

/** GitHub's longest comment, in characters; its OpenAPI description does not say so. */
const LONGEST_COMMENT = 65_536;

export function createComment(
  work: Work,
  repository: Repository,
  issue: Issue,
  body: string,
): Comment {
  const { world, actor } = work;
  if (issue.locked && actor.account.type !== "Bot") {
    throw new ApiError(403, "Unable to create comment because issue is locked.");
  }
  checkText(body);
  const comment = world.tables.comments.insert({
    id: world.nextId("comment"),
    repositoryId: repository.id,
    issueId: issue.id,
    userId: actor.account.id,
    appId: actor.app?.id ?? null,
    body,
    createdAt: world.date(),
    updatedAt: world.date(),
  });
  const updated = world.tables.issues.update(issue.id, { updatedAt: world.date() });
  tellComment(work, repository, updated, comment, "created");
  return comment;
}

export function editComment(
  work: Work,
  repository: Repository,
  comment: Comment,
  body: string,
): Comment {
  const { world } = work;
  checkText(body);
  const edited = world.tables.comments.update(comment.id, { body, updatedAt: world.date() });
  const issue = world.tables.issues.need(comment.issueId);
  const changes = comment.body === body ? {} : { body: { from: comment.body } };
  tellComment(work, repository, issue, edited, "edited", { changes });
  return edited;
}

export function deleteComment(work: Work, repository: Repository, comment: Comment): void {
  const issue = work.world.tables.issues.need(comment.issueId);
  tellComment(work, repository, issue, comment, "deleted");
  work.world.tables.comments.delete(comment.id);
}

function checkText(body: string): void {
  const common = { resource: "IssueComment", field: "data" };
  if (body.trim() === "") {
    throw validationFailed({ ...common, code: "unprocessable", message: "Body cannot be blank" });
  }
  if (Array.from(body).length > LONGEST_COMMENT) {
    const message = `Body is too long (maximum is ${LONGEST_COMMENT} characters)`;
    throw validationFailed({ ...common, code: "unprocessable", message });
  }
}

function tellComment(
  work: Work,
  repository: Repository,
  issue: Issue,
  comment: Comment,
  action: "created" | "edited" | "deleted",
  extra: Record<string, unknown> = {},
): void {
  emit(work, { event: "issue_comment", action }, repository, {
    issue: renderIssue(work.world, repository, issue),
    comment: renderComment(work.world, repository, comment),
    ...extra,
  });
}
