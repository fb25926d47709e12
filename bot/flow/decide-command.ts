import type { Command } from "#core/command.ts";
import {
  renderDenied,
  renderHelp,
  renderResumed,
  renderRetried,
  replyMarker,
} from "#core/comment.ts";
import { findEnvironment, type Policy } from "#core/policy.ts";
import { parseStreamBranch, streamBranch } from "#core/promotion-branch.ts";
import { streamKey, type Stream } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning, CommandDeed } from "./command-decision.ts";
import { mayPromote } from "./may-promote.ts";
import { streamsOf } from "./observe-streams.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { findRetry } from "./retry-rollout.ts";

/**
 * What a command that was understood means, as far as its author may. It is judged by what was there when it was
 * written: the job may run late, and what was merged meanwhile must not make it mean another promotion.
 */
export async function decideCommand(
  context: RepositoryContext,
  policy: Policy | null,
  event: CommentEvent,
  command: Command,
): Promise<CommandMeaning> {
  if (command.name === "help")
    return done(null, renderHelp({ marker: replyMarker(event.commentId) }));
  if (policy === null)
    return denied(
      event,
      "The policy of this repository cannot be used now; the check sluice/policy says why.",
    );
  const pull = await context.repository.pullRequest(event.number);
  const stream = pull.sameRepository ? parseStreamBranch(pull.headBranch) : null;
  if (stream === null)
    return denied(
      event,
      "This is not a promotion: write the command on the promotion's pull request.",
    );
  const wanted =
    command.name === "promote" ? placeOf(policy, event, pull, stream, command) : stream;
  const environment = wanted === null ? undefined : findEnvironment(policy, wanted.environment);
  if (wanted === null || environment === undefined)
    return denied(event, `There is nothing after ${stream.environment} in the policy.`);
  const promoter = await mayPromote(context, environment, event.author);
  if (promoter.kind === "may-not") return denied(event, promoter.sentence);
  switch (command.name) {
    case "promote":
      return consent(context, policy, event, pull, wanted);
    case "resume":
      return resume(event, wanted);
    case "retry":
      return retry(context, policy, event, wanted);
  }
}

/** A command that is not carried out, with what would help. */
function denied(event: CommentEvent, sentence: string): CommandMeaning {
  const marker = replyMarker(event.commentId);
  return { deed: null, reaction: "-1", reply: renderDenied({ sentence, marker }) };
}

function done(deed: CommandDeed | null, reply: string | null): CommandMeaning {
  return { deed, reaction: "rocket", reply };
}

/** On a promotion that had been merged before, `/promote` alone means the environment after it. */
function placeOf(
  policy: Policy,
  event: CommentEvent,
  pull: PullRequest,
  stream: Stream,
  command: Extract<Command, { name: "promote" }>,
): Stream | null {
  const service = command.service ?? stream.service;
  if (command.environment !== null) return { ...stream, service, environment: command.environment };
  if (pull.mergedAt === null || mergedSince(event, pull)) return { ...stream, service };
  const names = policy.environments.map((one) => one.name);
  const next = names[names.indexOf(stream.environment) + 1];
  return next === undefined ? null : { ...stream, service, environment: next };
}

/** Both are GitHub's times, in whole seconds. */
function mergedSince(event: CommentEvent, { mergedAt }: PullRequest): boolean {
  return mergedAt !== null && mergedAt.getTime() >= Date.parse(event.createdAt);
}

async function consent(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  on: PullRequest,
  stream: Stream,
): Promise<CommandMeaning> {
  const branches = streamsOf(policy)
    .filter((one) => one.environment === stream.environment && one.service === stream.service)
    .map(streamBranch);
  const own = branches.includes(on.headBranch);
  // What was asked for has happened in the meantime.
  if (own && mergedSince(event, on)) return done(null, null);
  const pull = on.state === "open" && own ? on : await openPull(context, branches);
  if (pull === null)
    return denied(
      event,
      `There is no open promotion of ${stream.service} into ${stream.environment} that could be agreed to.`,
    );
  if (pull.draft)
    return denied(
      event,
      `#${pull.number} is a draft: mark it ready for review, then write /promote.`,
    );
  const head = await context.repository.commit(pull.headRevision);
  if (head.at.getTime() > Date.parse(event.createdAt) + clockTolerance)
    return denied(
      event,
      `#${pull.number} has changed since you wrote: look at ${pull.headRevision.slice(0, 7)} and write /promote again.`,
    );
  return done({ kind: "consent", pull: pull.number, head: pull.headRevision }, null);
}

/** GitHub gives times in whole seconds. */
const clockTolerance = 1000;

async function openPull(
  context: RepositoryContext,
  branches: readonly string[],
): Promise<PullRequest | null> {
  for (const branch of branches) {
    const pulls = await context.repository.pullRequestsOf(branch);
    const open = pulls.find((pull) => pull.state === "open" && pull.sameRepository);
    if (open !== undefined) return open;
  }
  return null;
}

function resume(event: CommentEvent, { environment, service }: Stream): CommandMeaning {
  const marker = replyMarker(event.commentId);
  const at = new Date(event.createdAt);
  return done(
    { kind: "resume", environment, service },
    renderResumed({ by: event.author, at, environment, service, marker }),
  );
}

async function retry(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  stream: Stream,
): Promise<CommandMeaning> {
  const known = streamsOf(policy).some((one) => streamKey(one) === streamKey(stream));
  const found = known ? await findRetry(context, stream, new Date(event.createdAt)) : null;
  const { environment, service } = stream;
  if (found === null)
    return denied(
      event,
      `The last rollout of ${service} in ${environment} has not failed: there is nothing to try again.`,
    );
  const marker = replyMarker(event.commentId);
  const { artifact } = found;
  return done(
    { kind: "retry", retry: found },
    renderRetried({ by: event.author, artifact, environment, marker }),
  );
}
