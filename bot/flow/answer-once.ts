import { replyMarker } from "#core/comment.ts";

import type { CommentEvent } from "./answer-command.ts";
import { carryOut } from "./carry-out-command.ts";
import type { CommandDecision } from "./command-decision.ts";
import { countAnswer } from "./limit-answers.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** What is known of a comment that has no answer yet; null: nothing was decided either. */
export type Heard = { readonly decision: CommandDecision | null };

/**
 * Says that a comment was heard, before anything else is asked: whoever wrote it sees it at once. Null where it was
 * answered before, which what stands on GitHub tells even where the memory was emptied.
 */
export async function hearOnce(
  context: RepositoryContext,
  event: CommentEvent,
): Promise<Heard | null> {
  const { memory, conversation } = context;
  const known = await memory.answer(event.commentId);
  if (known?.done === true) return null;
  const isNew = await conversation.react(event.commentId, "eyes");
  if (known !== null) return known;
  if (isNew || !(await wasAnswered(context, event))) return { decision: null };
  await memory.setAnswered(event.commentId);
  return null;
}

async function wasAnswered(context: RepositoryContext, event: CommentEvent): Promise<boolean> {
  const { conversation } = context;
  const reactions = await conversation.reactions(event.commentId);
  if (reactions.some((reaction) => reaction !== "eyes")) return true;
  const marker = replyMarker(event.commentId);
  return (await conversation.comments(event.number)).some(
    ({ author, body }) => author === context.login && body.includes(marker),
  );
}

/** Carries out what was decided, and answers: the decision that was stored first, whoever else decides as well. */
export async function settleOnce(
  context: RepositoryContext,
  event: CommentEvent,
  decided: CommandDecision,
): Promise<void> {
  const { memory, conversation } = context;
  const decision = await memory.keepDecision(event.commentId, decided);
  if (decision === null) return;
  const { deed } = decision;
  const carried = deed === null ? null : await carryOut(context, event, deed, decision.reply);
  const reaction = carried?.kind === "refused" ? "-1" : decision.reaction;
  const reply = carried?.reply ?? decision.reply;
  if (reply !== null) {
    await conversation.reply(event.number, replyMarker(event.commentId), reply);
    if (deed === null) await countAnswer(context, event);
  }
  await conversation.react(event.commentId, reaction);
  await memory.setAnswered(event.commentId);
  context.log.info(
    {
      pull: event.number,
      command: decision.command,
      by: event.author,
      result: reaction === "rocket" ? "done" : "denied",
    },
    "command answered",
  );
}
