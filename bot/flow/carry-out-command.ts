import type { Command } from "#core/command.ts";
import { renderResumed, renderRetried, replyMarker } from "#core/comment.ts";
import { findEnvironment, type EnvironmentPolicy, type Policy } from "#core/policy.ts";
import { parseStreamBranch, streamBranch } from "#core/promotion-pull-request.ts";
import { streamKey, type Stream } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import type { CommentEvent } from "./answer-command.ts";
import { mayPromote, needed } from "./may-promote.ts";
import { streamsOf } from "./observe-streams.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { retryRollouts } from "./retry-rollout.ts";

export type CommandOutcome =
  | { readonly kind: "done"; readonly reply: string | null }
  | { readonly kind: "denied"; readonly sentence: string };

/** Carries out a command that was understood, as far as its author may. */
export async function carryOut(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  command: Command,
): Promise<CommandOutcome> {
  const pull = await context.repository.pullRequest(event.number);
  const stream = pull.sameRepository ? parseStreamBranch(pull.headBranch) : null;
  if (stream === null)
    return denied("This is not a promotion: write the command on the promotion's pull request.");
  const wanted = command.name === "promote" ? placeOf(policy, pull, stream, command) : stream;
  const environment = wanted === null ? undefined : findEnvironment(policy, wanted.environment);
  if (wanted === null || environment === undefined)
    return denied(`There is nothing after ${stream.environment} in the policy.`);
  if (!(await mayPromote(context, environment, event.author)))
    return denied(refusalOf(event.author, environment));
  await context.conversation.react(event.commentId, "eyes");
  switch (command.name) {
    case "promote":
      return consent(context, policy, event, pull, wanted);
    case "resume":
      return resume(context, event, wanted);
    case "retry":
      return retry(context, policy, event, wanted);
    case "help":
      return { kind: "done", reply: null };
  }
}

/** On a merged promotion, `/promote` alone means the environment after it. */
function placeOf(
  policy: Policy,
  pull: PullRequest,
  stream: Stream,
  command: Extract<Command, { name: "promote" }>,
): Stream | null {
  const service = command.service ?? stream.service;
  if (command.environment !== null) return { ...stream, service, environment: command.environment };
  if (pull.mergedAt === null) return { ...stream, service };
  const names = policy.environments.map((one) => one.name);
  const next = names[names.indexOf(stream.environment) + 1];
  return next === undefined ? null : { ...stream, service, environment: next };
}

async function consent(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  on: PullRequest,
  stream: Stream,
): Promise<CommandOutcome> {
  const branches = streamsOf(policy)
    .filter((one) => one.environment === stream.environment && one.service === stream.service)
    .map(streamBranch);
  const pull =
    on.state === "open" && branches.includes(on.headBranch)
      ? on
      : await openPull(context, branches);
  if (pull === null)
    return denied(
      `There is no open promotion of ${stream.service} into ${stream.environment} that could be agreed to.`,
    );
  if (pull.draft)
    return denied(`#${pull.number} is a draft: mark it ready for review, then write /promote.`);
  const head = await context.repository.commit(pull.headRevision);
  if (head.at.getTime() > Date.parse(event.createdAt) + clockTolerance)
    return denied(
      `#${pull.number} has changed since you wrote: look at ${pull.headRevision.slice(0, 7)} and write /promote again.`,
    );
  await context.memory.addConsent(pull.number, {
    by: event.author,
    at: context.now,
    head: pull.headRevision,
  });
  await context.deps.queue.addReconcile(context.job);
  return { kind: "done", reply: null };
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

async function resume(
  context: RepositoryContext,
  event: CommentEvent,
  stream: Stream,
): Promise<CommandOutcome> {
  const { environment, service } = stream;
  // The comment's own time: a redelivery must not lift what came after it.
  const at = new Date(event.createdAt);
  await context.memory.setResumed(environment, service, at);
  await context.deps.queue.addReconcile(context.job);
  const marker = replyMarker(event.commentId);
  return {
    kind: "done",
    reply: renderResumed({ by: event.author, at, environment, service, marker }),
  };
}

async function retry(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  stream: Stream,
): Promise<CommandOutcome> {
  const known = streamsOf(policy).some((one) => streamKey(one) === streamKey(stream));
  const retried = known ? await retryRollouts(context, stream) : null;
  if (retried === null)
    return denied(
      `The last rollout of ${stream.service} in ${stream.environment} has not failed: there is nothing to try again.`,
    );
  const marker = replyMarker(event.commentId);
  const { environment } = stream;
  return {
    kind: "done",
    reply: renderRetried({ by: event.author, artifact: retried, environment, marker }),
  };
}

function refusalOf(login: string, environment: EnvironmentPolicy): string {
  return `${login} may not do this in ${environment.name}: it takes ${needed(environment)}.`;
}

function denied(sentence: string): CommandOutcome {
  return { kind: "denied", sentence };
}
