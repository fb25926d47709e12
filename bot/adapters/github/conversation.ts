import type { Conversation, Reaction } from "#ports/code-host.ts";
import type { IssueComment } from "#ports/github-things.ts";

import type { RepositoryContext } from "./repository/context.ts";
import { all } from "./repository/pages.ts";
import { isUnknownOutcome, refusedWith } from "./requests/errors.ts";

/** A comment, and whether this very App wrote it: a marker alone can be forged. */
type Found = IssueComment & { readonly ours: boolean };

export function conversation(context: RepositoryContext): Conversation {
  return {
    comments: async (number) => readComments(context, number),
    stick: async (number, marker, body) => {
      const found = await findOwn(context, number, marker);
      if (found === undefined) await post(context, number, marker, body);
      else if (found.body !== body) await edit(context, found.id, body);
    },
    reply: async (number, marker, body) => {
      const found = await findOwn(context, number, marker);
      if (found === undefined) await post(context, number, marker, body);
    },
    react: async (commentId, reaction) => {
      const { status, data } = await context.request(
        "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions",
        { ...context.at, comment_id: commentId, content: reaction },
      );
      // 200: it was there (docs "Create reaction for an issue comment").
      return { id: data.id, isNew: (status as number) !== 200 };
    },
    takeBack: async (commentId, reactionId) => {
      try {
        await context.request(
          "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions/{reaction_id}",
          { ...context.at, comment_id: commentId, reaction_id: reactionId },
        );
      } catch (error) {
        if (!refusedWith(error, 404)) throw error;
      }
    },
    reactions: async (commentId) => readReactions(context, commentId),
  };
}

async function readComments(context: RepositoryContext, number: number): Promise<Found[]> {
  const login = await context.login();
  const bodies = await all(async (page) =>
    context.request("GET /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      ...context.at,
      issue_number: number,
      per_page: 100,
      page,
    }),
  );
  return bodies.map((body) => {
    const { user } = body;
    return {
      id: Number(body.id),
      author: user?.login ?? "ghost",
      authorIsBot: user?.type === "Bot",
      body: body.body ?? "",
      createdAt: new Date(body.created_at),
      updatedAt: new Date(body.updated_at),
      ours: user?.type === "Bot" && user.login === login,
    };
  });
}

const known: readonly Reaction[] = ["eyes", "rocket", "confused", "-1"];

async function readReactions(
  context: RepositoryContext,
  commentId: number,
): Promise<readonly Reaction[]> {
  const login = await context.login();
  const bodies = await all(async (page) =>
    context.request("GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", {
      ...context.at,
      comment_id: commentId,
      per_page: 100,
      page,
    }),
  );
  const own = new Set(
    bodies.filter(({ user }) => user?.login === login).map(({ content }) => content as string),
  );
  return known.filter((reaction) => own.has(reaction));
}

async function findOwn(
  context: RepositoryContext,
  number: number,
  marker: string,
): Promise<Found | undefined> {
  const comments = await readComments(context, number);
  return comments.find((comment) => comment.ours && comment.body.includes(marker));
}

/** GitHub would take the same comment twice: after a silence the thread itself says whether it is there. */
async function post(
  context: RepositoryContext,
  number: number,
  marker: string,
  body: string,
): Promise<void> {
  try {
    await context.request("POST /repos/{owner}/{repo}/issues/{issue_number}/comments", {
      ...context.at,
      issue_number: number,
      body,
    });
  } catch (error) {
    if (!isUnknownOutcome(error)) throw error;
    if ((await findOwn(context, number, marker)) === undefined) throw error;
  }
}

async function edit(context: RepositoryContext, id: number, body: string): Promise<void> {
  await context.request("PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}", {
    ...context.at,
    comment_id: id,
    body,
  });
}
