import type { LookCommand } from "#core/command-stop.ts";
import { renderPlan } from "#core/comment-plan.ts";
import { renderLook } from "#core/comment-stop.ts";
import { replyMarker } from "#core/comment.ts";
import { pausedNotice, renderStatus } from "#core/dashboard.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied, done } from "./command-meaning.ts";
import type { CommandPlace } from "./command-place.ts";
import { viewOf } from "./keep-dashboard.ts";
import { recallStops } from "./keep-stops.ts";
import { lookForDrift } from "./look-for-drift.ts";
import { planRepository } from "./plan-repository.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * `/status` and `/plan`: what stands where, and what would move now. Whoever may read the repository may look: it shows
 * what check runs and pull requests show as well. On a promotion it is about that service, on its environment unless another
 * one is named.
 */
export async function decideLook(
  context: RepositoryContext,
  event: CommentEvent,
  command: LookCommand,
  place: CommandPlace,
): Promise<CommandMeaning> {
  const { installation, job } = context;
  if ((await installation.permission(job.repository, event.author)) === "none")
    return denied(
      event,
      `${event.author} may not look: it takes the permission read on ${job.repository}.`,
    );
  const planned = await planRepository(context);
  if (planned.kind !== "planned")
    return denied(
      event,
      planned.kind === "no-policy"
        ? "There is no policy that could be followed; the check sluice/policy says why."
        : "A merge is being taken in right now: ask again in a moment.",
    );
  const own = place.kind === "promotion" ? place.stream : null;
  const environment = command.environment ?? own?.environment ?? null;
  const wanted = (stream: { readonly environment: string; readonly service: string }) =>
    (environment === null || stream.environment === environment) &&
    (own === null || stream.service === own.service);
  const marker = replyMarker(event.commentId);
  if (command.name === "plan") {
    const plans = planned.plan.streams.filter(({ stream }) => wanted(stream));
    const text = [planned.paused ? pausedNotice : "", renderPlan(plans)];
    return done(
      null,
      renderLook({ text: text.filter((part) => part !== "").join("\n\n"), marker }),
    );
  }
  const record = await recallStops(context);
  const view = viewOf(context, planned, record, await lookForDrift(context, planned));
  const environments = view.environments
    .filter(({ name }) => environment === null || name === environment)
    .map((one) => ({ ...one, streams: one.streams.filter(({ state }) => wanted(state.stream)) }));
  return done(null, renderLook({ text: renderStatus({ ...view, environments }), marker }));
}
