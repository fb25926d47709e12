import { z } from "zod";

import { ignored, type Reader, readerOf } from "./reader.ts";
import { repository, user } from "./shapes.ts";

const schema = z.object({
  action: z.string(),
  issue: z.object({
    number: z.number(),
    body: z.string().nullish(),
    updated_at: z.string(),
    pull_request: z.object({}).nullish(),
  }),
  changes: z.object({ body: z.object({ from: z.string().nullish() }).nullish() }).nullish(),
  repository,
  sender: user,
});

/** A tick is an edit of the text; everything else that happens to an issue means nothing here. */
export const readIssues: Reader = readerOf(schema, (payload) => {
  const { action, issue, changes, sender } = payload;
  if (action !== "edited") return ignored(`issue ${action}`);
  if (issue.pull_request !== null && issue.pull_request !== undefined)
    return ignored("issue edited: it is a pull request");
  return {
    kind: "issue.edited",
    repository: payload.repository.full_name,
    number: issue.number,
    body: issue.body ?? "",
    before: changes?.body?.from ?? null,
    editedAt: issue.updated_at,
    sender: sender.login,
    senderIsBot: sender.type === "Bot",
  };
});
