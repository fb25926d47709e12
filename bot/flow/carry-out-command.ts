import { renderOpened } from "#core/comment-side.ts";
import { renderDenied, replyMarker } from "#core/comment.ts";
import type { Stop } from "#core/stop.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandDeed } from "./command-decision.ts";
import { sayDashboardAnew } from "./keep-dashboard.ts";
import { addStop, liftHolds, removeStop } from "./keep-stops.ts";
import { openSides, type OpenedSide } from "./open-sides.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { retryLoad } from "./retry-load.ts";
import { retryRollout } from "./retry-rollout.ts";

/** What came of it; the answer is null where the one that was decided stands. */
export type CarriedOut = { readonly kind: "done" | "refused"; readonly reply: string | null };

/**
 * Does what a command was decided to mean. Every deed can be repeated, and carries the comment's own time. What only
 * shows now is said in the answer: what was opened, and what cannot be done after all.
 */
export async function carryOut(
  context: RepositoryContext,
  event: CommentEvent,
  deed: CommandDeed,
  decided: string | null,
): Promise<CarriedOut> {
  let reply: string | null = null;
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
      if (kept.kind === "refused") return refused(event, kept.sentence);
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
      if (opened.length + consents.length === 0) return refused(event, sentence ?? "");
      if (opened.length > 0 || sentence !== null)
        reply = sayOpened(context, event, opened, [decided, sentence]);
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
  return { kind: "done", reply };
}

function stopOf(stop: Extract<CommandDeed, { kind: "stop" }>["stop"], by: string, at: Date): Stop {
  if (stop.kind === "hold") return { ...stop, by, at };
  return { ...stop, until: stop.until === null ? null : new Date(stop.until), by, at };
}

function sayOpened(
  { job }: RepositoryContext,
  { author, commentId }: CommentEvent,
  opened: readonly OpenedSide[],
  [agreed, left]: readonly [agreed: string | null, left: string | null],
): string {
  const moves = opened.map(({ request: { stream, artifact, tenants, kind }, pull, head }) => {
    const { number, url } = pull;
    const { repository } = job;
    return { stream, tenants, back: kind === "rollback", repository, number, url, head, artifact };
  });
  const marker = replyMarker(commentId);
  const parts = [
    agreed ?? "",
    moves.length === 0 ? "" : renderOpened({ by: author, moves, marker }),
    left === null ? "" : renderDenied({ sentence: left, marker }),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function refused(event: CommentEvent, sentence: string): CarriedOut {
  const reply = renderDenied({ sentence, marker: replyMarker(event.commentId) });
  return { kind: "refused", reply };
}
