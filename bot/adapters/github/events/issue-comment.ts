import { z } from "zod";

import { ignored, type Reader, readerOf } from "./reader.ts";
import { repository, user } from "./shapes.ts";

const schema = z.object({
  action: z.string(),
  issue: z.object({ number: z.number(), pull_request: z.object({}).nullish() }),
  comment: z.object({ id: z.number(), body: z.string().nullish(), created_at: z.string(), user }),
  repository,
});

/** Editing a comment never runs anything. */
export const readIssueComment: Reader = readerOf(schema, (payload) => {
  const { action, issue, comment } = payload;
  if (action !== "created") return ignored(`comment ${action}`);
  return {
    kind: "comment.created",
    repository: payload.repository.full_name,
    number: issue.number,
    commentId: comment.id,
    body: comment.body ?? "",
    createdAt: comment.created_at,
    author: comment.user.login,
    authorIsBot: comment.user.type === "Bot",
    onPullRequest: issue.pull_request !== null && issue.pull_request !== undefined,
  };
});
