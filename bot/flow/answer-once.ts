import { isUnreadable } from "#core/command.ts";
import { replyMarker } from "#core/comment.ts";

import type { CommentEvent } from "./answer-command.ts";
import { carryOut } from "./carry-out-command.ts";
import type { CommandDecision } from "./command-decision.ts";
import { countAnswer } from "./limit-answers.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** A comment that has no answer yet. */
export type Heard = {
  /** Null: nothing was decided either. */
  readonly decision: CommandDecision | null;
  /** The reaction that says that it was heard; null where another one said at once that it cannot be read. */
  readonly eyes: number | null;
};

/**
 * Says that a comment was heard, or that it cannot be read, before anything else is asked: whoever wrote it sees it at
 * once. Null where it was answered before, which what stands on GitHub tells even where the memory was emptied.
 */
export async function hearOnce(
  context: RepositoryContext,
  event: CommentEvent,
): Promise<Heard | null> {
  const { memory, conversation } = context;
  const { commentId, body } = event;
  const known = await memory.answer(commentId);
  if (known?.done === true) return null;
  const unreadable = isUnreadable(body);
  const { id, isNew } = await conversation.react(commentId, unreadable ? "confused" : "eyes");
  const eyes = unreadable ? null : id;
  if (known !== null) return { decision: known.decision, eyes };
  const answered = unreadable
    ? !isNew && (await hasReply(context, event))
    : (await takeBackRefused(context, commentId, id)) ||
      (!isNew && (await hasReply(context, event)));
  if (!answered) return { decision: null, eyes };
  await memory.setAnswered(commentId);
  return null;
}

/**
 * Was it answered before? A refused comment ends with its own sign alone, so that a new 👀 tells nothing: it is taken
 * away again.
 */
async function takeBackRefused(
  { conversation }: RepositoryContext,
  commentId: number,
  eyes: number,
): Promise<boolean> {
  const reactions = await conversation.reactions(commentId);
  const signs = reactions.filter((reaction) => reaction !== "eyes");
  if (signs.length > 0 && !signs.includes("rocket")) await conversation.takeBack(commentId, eyes);
  return signs.length > 0;
}

async function hasReply(context: RepositoryContext, event: CommentEvent): Promise<boolean> {
  const { conversation } = context;
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
  eyes: Heard["eyes"],
): Promise<void> {
  const { memory, conversation } = context;
  const { commentId } = event;
  const decision = await memory.keepDecision(commentId, decided);
  if (decision === null) {
    if (eyes !== null) await takeBackRefused(context, commentId, eyes);
    return;
  }
  const { deed } = decision;
  const carried = deed === null ? null : await carryOut(context, event, deed, decision.reply);
  const reaction = carried?.kind === "refused" ? "-1" : decision.reaction;
  const reply = carried?.reply ?? decision.reply;
  if (reply !== null) {
    await conversation.reply(event.number, replyMarker(commentId), reply);
    if (deed === null) await countAnswer(context, event);
  }
  // Where it cannot be read, that is what was said first.
  if (eyes !== null) await conversation.react(commentId, reaction);
  if (eyes !== null && reaction !== "rocket") await conversation.takeBack(commentId, eyes);
  await memory.setAnswered(commentId);
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
