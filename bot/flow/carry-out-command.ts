import { renderDenied, replyMarker } from "#core/comment.ts";
import type { Stop } from "#core/stop.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandDeed } from "./command-decision.ts";
import { sayDashboardAnew } from "./keep-dashboard.ts";
import { addStop, liftHolds, removeStop } from "./keep-stops.ts";
import { openSides } from "./open-sides.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { retryLoad } from "./retry-load.ts";
import { retryRollout } from "./retry-rollout.ts";

/**
 * Does what a command was decided to mean. Every deed can be repeated, and carries the comment's own time. What cannot
 * be done after all is said below the command.
 */
export async function carryOut(
  context: RepositoryContext,
  event: CommentEvent,
  deed: CommandDeed,
): Promise<"done" | "refused"> {
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
    case "resume": {
      const { environment, services, everything } = deed;
      for (const service of services) await context.memory.setResumed(environment, service, at);
      const lifting = { environment, services, everything, at };
      if (await liftHolds(context, lifting)) await sayDashboardAnew(context);
      break;
    }
    case "stop": {
      const kept = await addStop(context, stopOf(deed.stop, event.author, at));
      if (kept.kind === "refused") return refuse(context, event, kept.sentence);
      await sayDashboardAnew(context);
      break;
    }
    case "unfreeze":
      await removeStop(context, { kind: "freeze", environment: deed.environment, at });
      await sayDashboardAnew(context);
      break;
    case "side": {
      const { consents = [], requests } = deed;
      for (const { pull, head } of consents)
        await context.memory.addConsent(pull, { by: event.author, at, head });
      const { opened, sentence } = await openSides(context, requests);
      if (sentence !== null) await refuse(context, event, sentence);
      if (opened + consents.length === 0) return "refused";
      break;
    }
    case "retry":
      await retryRollout(context, deed.retry);
      break;
    case "retry-load":
      await retryLoad(context, deed.retry);
      break;
  }
  await context.deps.queue.addReconcile(context.job);
  return "done";
}

function stopOf(stop: Extract<CommandDeed, { kind: "stop" }>["stop"], by: string, at: Date): Stop {
  if (stop.kind === "hold") return { ...stop, by, at };
  return { ...stop, until: stop.until === null ? null : new Date(stop.until), by, at };
}

/** The first answer with the marker stands: what was to be said of success is not said any more. */
async function refuse(
  context: RepositoryContext,
  event: CommentEvent,
  sentence: string,
): Promise<"refused"> {
  const marker = replyMarker(event.commentId);
  await context.conversation.reply(event.number, marker, renderDenied({ sentence, marker }));
  return "refused";
}
