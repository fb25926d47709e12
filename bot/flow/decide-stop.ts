import type { StopCommand } from "#core/command-stop.ts";
import {
  renderFrozen,
  renderHeld,
  renderResumedThere,
  renderUnfrozen,
} from "#core/comment-stop.ts";
import { renderResumed, replyMarker } from "#core/comment.ts";
import { byBudget, freezesInForce } from "#core/freeze.ts";
import { findEnvironment, type Policy } from "#core/policy.ts";
import { formatMoment, listNames } from "#core/words.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied, done } from "./command-meaning.ts";
import type { CommandPlace } from "./command-place.ts";
import { decideLook } from "./decide-look.ts";
import { findFreezes } from "./find-freezes.ts";
import { listStops } from "./keep-stops.ts";
import { mayPromote } from "./may-promote.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** What a command means that stops something, sets it going again, or only looks. */
export async function decideStop(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  command: StopCommand,
  place: CommandPlace,
): Promise<CommandMeaning> {
  if (command.name === "status" || command.name === "plan")
    return decideLook(context, event, command, place);
  if (place.kind === "other" && !place.pull.sameRepository)
    return denied(
      event,
      "This pull request comes from a fork: write the command on the dashboard.",
    );
  const own = place.kind === "promotion" ? place.stream.environment : null;
  const name = command.environment ?? own ?? (await onlyFrozen(context, policy, command));
  if (name === null) return denied(event, `Which environment? Name it: ${environmentsOf(policy)}.`);
  const environment = findEnvironment(policy, name);
  if (environment === undefined)
    return denied(event, `The policy has no environment ${name} any more.`);
  const promoter = await mayPromote(context, environment, event.author);
  if (promoter.kind === "may-not") return denied(event, promoter.sentence);
  const marker = replyMarker(event.commentId);
  const by = event.author;
  // Only the dashboard is about everything.
  const here = serviceHere(policy, place);
  switch (command.name) {
    case "hold": {
      const service = command.service ?? here;
      if (service === null && place.kind === "other") return denied(event, whichService(policy));
      const { reason, dryRun } = command;
      const reply = renderHeld({ by, environment: name, service, reason, dryRun, marker });
      const stop = { kind: "hold", environment: name, service, reason } as const;
      return done(dryRun ? null : { kind: "stop", stop }, reply);
    }
    case "freeze":
      return freeze(event, command);
    case "unfreeze":
      return unfreeze(context, policy, event, name);
    case "resume": {
      const service = command.service ?? here;
      if (service === null && place.kind === "other") return denied(event, whichService(policy));
      const at = new Date(event.createdAt);
      const said = { by, environment: name, marker };
      const reply =
        place.kind === "promotion" && service !== null
          ? renderResumed({ ...said, at, service })
          : renderResumedThere({ ...said, service });
      const services = service === null ? policy.services.map((one) => one.name) : [service];
      const everything = service === null;
      return done({ kind: "resume", environment: name, services, everything }, reply);
    }
  }
}

function freeze(
  event: CommentEvent,
  { environment, until, reason, dryRun }: Extract<StopCommand, { name: "freeze" }>,
): CommandMeaning {
  if (until !== null && until <= new Date(event.createdAt))
    return denied(
      event,
      `${formatMoment(until)} is over already, as that was understood: name a moment to come.`,
    );
  const marker = replyMarker(event.commentId);
  const reply = renderFrozen({ by: event.author, environment, until, reason, dryRun, marker });
  const stop = {
    kind: "freeze",
    environment,
    until: until?.toISOString() ?? null,
    reason,
  } as const;
  return done(dryRun ? null : { kind: "stop", stop }, reply);
}

async function unfreeze(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  environment: string,
): Promise<CommandMeaning> {
  const stops = await listStops(context);
  const own = stops.find((stop) => stop.kind === "freeze" && stop.environment === environment);
  if (own !== undefined) {
    const marker = replyMarker(event.commentId);
    const reply = renderUnfrozen({ by: event.author, environment, setBy: own.by, marker });
    return done({ kind: "unfreeze", environment }, reply);
  }
  const [other] = freezesInForce(await findFreezes(context, policy), environment, context.now);
  if (other === undefined) return denied(event, `${environment} is not frozen.`);
  const how =
    other.by === byBudget
      ? "It ends by itself once the error budget recovers."
      : "To lift it, change `freezes` in the policy.";
  return denied(event, `${environment} is frozen by ${other.by}: ${other.reason}. ${how}`);
}

/** `/unfreeze` alone means the one environment that somebody froze. */
async function onlyFrozen(
  context: RepositoryContext,
  policy: Policy,
  { name }: StopCommand,
): Promise<string | null> {
  if (name !== "unfreeze") return null;
  const stops = await listStops(context);
  const frozen = stops.flatMap((stop) =>
    stop.kind === "freeze" && findEnvironment(policy, stop.environment) !== undefined
      ? [stop.environment]
      : [],
  );
  return frozen.length === 1 ? (frozen[0] ?? null) : null;
}

/** The service that a command means which names none; null: all of them, or nobody can say. */
function serviceHere({ services }: Policy, place: CommandPlace): string | null {
  if (place.kind === "promotion") return place.stream.service;
  return place.kind === "other" && services.length === 1 ? (services[0]?.name ?? null) : null;
}

function whichService({ services }: Policy): string {
  return `Which service? Name it with --service: ${listNames(services.map(({ name }) => name))}. On the dashboard all of them may be meant.`;
}

function environmentsOf({ environments }: Policy): string {
  return environments.map(({ name }) => `\`${name}\``).join(", ");
}
