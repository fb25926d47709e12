import { renderDenied, replyMarker } from "#core/comment.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandDeed } from "./command-decision.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { requestSidePromotion, type SideRequest } from "./request-side-promotion.ts";
import { retryRollout } from "./retry-rollout.ts";

/** Does what a command was decided to mean. Every deed can be repeated, and carries the comment's own time. */
export async function carryOut(
  context: RepositoryContext,
  event: CommentEvent,
  deed: CommandDeed,
): Promise<void> {
  const at = new Date(event.createdAt);
  switch (deed.kind) {
    case "consent":
      await context.memory.addConsent(deed.pull, { by: event.author, at, head: deed.head });
      break;
    case "approve": {
      const { pull, gate, head } = deed;
      await context.memory.addApproval(pull, { gate, by: event.author, at, head });
      break;
    }
    case "resume":
      await context.memory.setResumed(deed.environment, deed.service, at);
      break;
    case "side":
      await openSides(context, event, deed.requests);
      break;
    case "retry":
      await retryRollout(context, deed.retry);
      break;
  }
  await context.deps.queue.addReconcile(context.job);
}

/** What cannot be opened after all is said below the command; the others are opened. */
async function openSides(
  context: RepositoryContext,
  event: CommentEvent,
  requests: readonly SideRequest[],
): Promise<void> {
  const refusals: string[] = [];
  for (const request of requests) {
    const opened = await requestSidePromotion(context, request);
    if (opened.kind === "refused") refusals.push(opened.sentence);
  }
  if (refusals.length === 0) return;
  const marker = replyMarker(event.commentId);
  const sentence = [...new Set(refusals)].join(" ");
  await context.conversation.reply(event.number, marker, renderDenied({ sentence, marker }));
}
