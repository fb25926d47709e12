import { renderDenied, renderNotUnderstood, replyMarker } from "#core/comment.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandDeed, CommandMeaning } from "./command-decision.ts";

/** A command that is not carried out, with what would help. */
export function denied(event: CommentEvent, sentence: string): CommandMeaning {
  const marker = replyMarker(event.commentId);
  return { deed: null, reaction: "-1", reply: renderDenied({ sentence, marker }) };
}

/** A command that names what is not there, with what was probably meant. */
export function notUnderstood(
  event: CommentEvent,
  misread: { readonly sentence: string; readonly nearest: string | null },
): CommandMeaning {
  const marker = replyMarker(event.commentId);
  const reply = renderNotUnderstood({ ...misread, marker });
  return { deed: null, reaction: "confused", reply };
}

export function done(deed: CommandDeed | null, reply: string | null): CommandMeaning {
  return { deed, reaction: "rocket", reply };
}
