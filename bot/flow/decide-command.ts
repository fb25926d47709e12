import { isLookCommand, isStopCommand, type Command } from "#core/command.ts";
import { renderHelp, replyMarker } from "#core/comment.ts";
import { nextPlace, type Place } from "#core/next-place.ts";
import { findEnvironment, type Policy } from "#core/policy.ts";
import type { Stream } from "#core/target.ts";
import { listNames } from "#core/words.ts";
import type { PullRequest } from "#ports/github-things.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied, done } from "./command-meaning.ts";
import { commandPlace, type CommandPlace } from "./command-place.ts";
import { decideApproval } from "./decide-approval.ts";
import { consent, mergedSince } from "./decide-consent.ts";
import { decideRetry, retryFromDashboard } from "./decide-retry.ts";
import { decideSide } from "./decide-side.ts";
import { decideStop } from "./decide-stop.ts";
import { findOpenPromotions } from "./find-open-promotions.ts";
import { mayPromote } from "./may-promote.ts";
import { promoteFromElsewhere } from "./promote-from-elsewhere.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** The policy of the default branch, null while it is broken, and the last one that was valid. */
export type Policies = {
  readonly current: Policy | null;
  readonly last: Policy | null;
  /** What is said where there never was a valid one. */
  readonly never: string;
};

/**
 * What a command that was understood means, as far as its author may. It is judged by what was there when it was
 * written: the job may run late, and what was merged meanwhile must not make it mean another promotion.
 */
export async function decideCommand(
  context: RepositoryContext,
  policies: Policies,
  event: CommentEvent,
  command: Command,
): Promise<CommandMeaning> {
  if (command.name === "help")
    return done(null, renderHelp({ marker: replyMarker(event.commentId) }));
  if (policies.last === null) return denied(event, policies.never);
  // The way back stays open while the policy is broken, and looking does no harm.
  const always = command.name === "rollback" || isLookCommand(command);
  const policy = always ? policies.last : policies.current;
  if (policy === null)
    return denied(
      event,
      "The policy of this repository is broken, so promotions pause: the check run sluice/policy on the newest commit of the default branch names every mistake. Until it is mended, /rollback, /status, /plan and /help go by the last valid one.",
    );
  const place = await commandPlace(context, event);
  if (isStopCommand(command)) return decideStop(context, policy, event, command, place);
  if (command.name === "approve")
    return decideApproval(context, policy, event, place, command.gate);
  if (place.kind !== "promotion" && command.name === "rollback")
    return rollBackFromElsewhere(context, policy, event, command, place);
  if (place.kind === "dashboard" && command.name === "retry")
    return retryFromDashboard(context, policy, event);
  if (place.kind !== "promotion")
    return promoteFromElsewhere(context, policy, event, command, place);
  const { stream, pull } = place;
  const dropped = pull.state === "closed" && pull.mergedAt === null;
  if (dropped && command.name !== "rollback")
    return denied(event, await whereInstead(context, policy, place, command));
  const wanted = wantedPlace(policy, event, pull, stream, command);
  const environment = wanted === null ? undefined : findEnvironment(policy, wanted.environment);
  if (wanted === null || environment === undefined)
    return denied(event, `There is nothing after ${stream.environment} in the policy.`);
  const promoter = await mayPromote(context, environment, event.author);
  if (promoter.kind === "may-not") return denied(event, promoter.sentence);
  switch (command.name) {
    case "rollback":
      return decideSide(context, policy, event, "rollback", orderOf(wanted, command));
    case "promote":
      return command.to === null && command.tenants === null
        ? consent(context, policy, event, {
            on: pull,
            place: wanted,
            artifact: null,
            dryRun: command.dryRun,
          })
        : decideSide(context, policy, event, "promote", orderOf(wanted, command));
    case "retry":
      return decideRetry(context, policy, event, place);
  }
}

/** The way back is open from the dashboard and from any pull request of this repository, where the place is named. */
async function rollBackFromElsewhere(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  command: Mover,
  place: Exclude<CommandPlace, { kind: "promotion" }>,
): Promise<CommandMeaning> {
  if (place.kind === "other" && !place.pull.sameRepository)
    return denied(event, "This pull request comes from a fork: write /rollback on the dashboard.");
  const [only, ...others] = policy.services;
  const service = command.service ?? (others.length === 0 ? only?.name : undefined);
  if (command.environment === null || service === undefined)
    return denied(
      event,
      `Here nothing says what to take back: write /rollback <environment>${others.length === 0 ? "" : " --service <name>"}, or /rollback on a promotion.`,
    );
  const environment = findEnvironment(policy, command.environment);
  if (environment === undefined) throw new Error("the policy has every name that was read");
  const promoter = await mayPromote(context, environment, event.author);
  if (promoter.kind === "may-not") return denied(event, promoter.sentence);
  const { name } = environment;
  const order = { environment: name, service, ring: null, tag: command.to };
  const { tenants, dryRun } = command;
  return decideSide(context, policy, event, "rollback", { ...order, tenants, dryRun });
}

/** What was closed cannot be agreed to, and is not taken to mean what is open besides. */
async function whereInstead(
  context: RepositoryContext,
  policy: Policy,
  { stream, pull }: Extract<CommandPlace, { kind: "promotion" }>,
  { name }: Command,
): Promise<string> {
  const { environment, service } = stream;
  const closed = `#${pull.number} was closed without a merge`;
  if (name === "retry")
    return `${closed}, so nothing of it was rolled out: write /retry on the promotion that failed, or on the dashboard.`;
  const open = await findOpenPromotions(context, policy, { environment, service, ring: null });
  return open.length > 0
    ? `${closed}: write /promote on ${listNames(open.map(({ number }) => `#${number}`))}.`
    : `${closed}, and no promotion of ${service} into ${environment} is open: /resume lets what a person closed come again, and /promote ${environment} --to <tag> on an open promotion or on the dashboard names an artifact.`;
}

type Mover = Extract<Command, { name: "promote" | "rollback" }>;

/** Every ring of the place, as far as tenants are meant there. */
function orderOf({ environment, service }: Place, { to, tenants, dryRun }: Mover) {
  return { environment, service, ring: null, tag: to, tenants, dryRun };
}

/** On a promotion that had been merged before, `/promote` alone means the ring or the environment after it. */
function wantedPlace(
  policy: Policy,
  event: CommentEvent,
  pull: PullRequest,
  stream: Stream,
  command: Command,
): Place | null {
  if (command.name !== "promote" && command.name !== "rollback") return stream;
  const service = command.service ?? stream.service;
  if (command.name === "rollback")
    return { ...stream, service, environment: command.environment ?? stream.environment };
  if (command.environment !== null)
    return { environment: command.environment, service, ring: null };
  if (pull.mergedAt === null || mergedSince(event, pull)) return { ...stream, service, ring: null };
  return nextPlace(policy, { ...stream, service });
}
