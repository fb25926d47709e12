import { createComment, deleteComment, editComment } from "../actions/comments.ts";
import { noContent, notFound, ok, created } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import { forbidden } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { renderUserById } from "../render/account.ts";
import { renderComment } from "../render/issue.ts";
import { nodeId } from "../render/node-id.ts";
import type { Schemas } from "../render/schemas.ts";
import type { Comment, Reaction } from "../state/records.ts";
import { READ, WRITE, issueOf } from "./issues.ts";

function commentOf({ world, repository, params, asOf }: RepositoryContext): Comment {
  const comment = world.tables.comments.get(Number(params["comment_id"]), asOf);
  if (comment === undefined || comment.repositoryId !== repository.id) throw notFound();
  return comment;
}

/** An App edits its own comments; others' only with write access, which bots of other Apps have not. */
function ownComment(context: RepositoryContext): Comment {
  const comment = commentOf(context);
  if (context.actor.app !== null && comment.appId !== context.actor.app.id) {
    const author = context.world.tables.accounts.need(comment.userId);
    if (author.type === "Bot") throw forbidden();
  }
  return comment;
}

function renderReaction(context: RepositoryContext, row: Reaction): Schemas["reaction"] {
  return {
    id: row.id,
    node_id: nodeId("REA", row.id),
    user: renderUserById(context.world, row.userId),
    content: row.content as Schemas["reaction"]["content"],
    created_at: row.createdAt,
  };
}

/** A reaction that is there already is answered with 200. */
function react(
  context: RepositoryContext,
  subject: Reaction["subject"],
  subjectId: number,
): Answer {
  const { world, actor, request } = context;
  const content = String(request.body["content"]);
  const userId = actor.account.id;
  const found = world.tables.reactions.find(
    (row) =>
      row.subject === subject &&
      row.subjectId === subjectId &&
      row.userId === userId &&
      row.content === content,
  );
  if (found !== undefined) return ok(renderReaction(context, found));
  const id = world.nextId("other");
  const row = { id, subject, subjectId, userId, content, createdAt: world.date() };
  return created(renderReaction(context, world.tables.reactions.insert(row)));
}

function listReactions(
  context: RepositoryContext,
  subject: Reaction["subject"],
  subjectId: number,
): Promise<Answer> {
  const wanted = context.request.query.get("content");
  const rows = context.world.tables.reactions
    .filter((row) => row.subject === subject && row.subjectId === subjectId, context.asOf)
    .filter((row) => wanted === null || row.content === wanted);
  return paginate(context, rows, (row) => renderReaction(context, row));
}

function removeReaction(context: RepositoryContext): Promise<Answer> {
  const id = Number(context.params["reaction_id"]);
  const row = context.world.tables.reactions.get(id);
  if (row === undefined) throw notFound();
  if (row.userId !== context.actor.account.id) throw forbidden();
  context.world.tables.reactions.delete(id);
  return Promise.resolve(noContent());
}

const BASE = "/repos/{owner}/{repo}/issues";
const COMMENT = `${BASE}/comments/{comment_id}`;

export const commentRoutes: Route[] = [
  {
    method: "GET",
    path: `${BASE}/{issue_number}/comments`,
    scope: "repository",
    needs: READ,
    handle: (context) => {
      const { world, repository, request, asOf } = context;
      const issue = issueOf(context);
      const since = request.query.get("since") ?? "";
      const rows = world.tables.comments
        .filter((row) => row.issueId === issue.id, asOf)
        .filter((row) => row.updatedAt >= since);
      return paginate(context, rows, (row) => renderComment(world, repository, row));
    },
  },
  {
    method: "POST",
    path: `${BASE}/{issue_number}/comments`,
    content: true,
    scope: "repository",
    needs: WRITE,
    handle: (context) => {
      const { world, repository, request } = context;
      const body = String(request.body["body"]);
      const comment = createComment(context, repository, issueOf(context), body);
      return Promise.resolve(created(renderComment(world, repository, comment)));
    },
  },
  {
    method: "GET",
    path: COMMENT,
    scope: "repository",
    needs: READ,
    handle: (context) =>
      Promise.resolve(ok(renderComment(context.world, context.repository, commentOf(context)))),
  },
  {
    method: "PATCH",
    path: COMMENT,
    scope: "repository",
    needs: WRITE,
    handle: (context) => {
      const { world, repository, request } = context;
      const body = String(request.body["body"]);
      const comment = editComment(context, repository, ownComment(context), body);
      return Promise.resolve(ok(renderComment(world, repository, comment)));
    },
  },
  {
    method: "DELETE",
    path: COMMENT,
    scope: "repository",
    needs: WRITE,
    handle: (context) => {
      deleteComment(context, context.repository, ownComment(context));
      return Promise.resolve(noContent());
    },
  },
  {
    method: "GET",
    path: `${COMMENT}/reactions`,
    scope: "repository",
    needs: READ,
    handle: (context) => listReactions(context, "comment", commentOf(context).id),
  },
  {
    method: "POST",
    path: `${COMMENT}/reactions`,
    scope: "repository",
    needs: WRITE,
    handle: (context) => Promise.resolve(react(context, "comment", commentOf(context).id)),
  },
  {
    method: "DELETE",
    path: `${COMMENT}/reactions/{reaction_id}`,
    scope: "repository",
    needs: WRITE,
    handle: removeReaction,
  },
  {
    method: "GET",
    path: `${BASE}/{issue_number}/reactions`,
    scope: "repository",
    needs: READ,
    handle: (context) => listReactions(context, "issue", issueOf(context).id),
  },
  {
    method: "POST",
    path: `${BASE}/{issue_number}/reactions`,
    scope: "repository",
    needs: WRITE,
    handle: (context) => Promise.resolve(react(context, "issue", issueOf(context).id)),
  },
  {
    method: "DELETE",
    path: `${BASE}/{issue_number}/reactions/{reaction_id}`,
    scope: "repository",
    needs: WRITE,
    handle: removeReaction,
  },
];
