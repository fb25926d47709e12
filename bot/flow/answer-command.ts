import { isLookCommand, parseCommand } from "#core/command.ts";
import { renderNotUnderstood, replyMarker } from "#core/comment.ts";
import type { SluiceEvent } from "#core/event.ts";
import { policyPath } from "#core/policy-parse.ts";
import type { JobContext, RepositoryJob } from "#ports/job-queue.ts";

import { hearOnce, settleOnce } from "./answer-once.ts";
import type { CommandDecision } from "./command-decision.ts";
import { denied } from "./command-meaning.ts";
import { isDashboard } from "./dashboard-issue.ts";
import { decideCommand } from "./decide-command.ts";
import type { Deps } from "./deps.ts";
import { hasHeardEnough, withoutText } from "./limit-answers.ts";
import { observePolicy, type ObservedPolicy } from "./observe-policy.ts";
import { policyToFollow } from "./policy-to-follow.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";

export type CommentEvent = Extract<SluiceEvent, { kind: "comment.created" }>;

/**
 * Answers one new comment, cheapest question first: what is no command costs nothing, and bots are never heard. A
 * comment is answered once, however often and however late it comes: the decision is stored before it is carried out,
 * and our reaction, which comes last unless it cannot be read, says that nothing is left to do.
 */
export async function answerCommand(
  deps: Deps,
  job: RepositoryJob,
  event: CommentEvent,
  jobContext: JobContext,
): Promise<void> {
  if (!isAddressed(event)) return;
  const elsewhere = event.repository !== job.repository;
  if (elsewhere && !event.onPullRequest) return;
  const own = await openRepository(deps, job, jobContext);
  // It is answered where it was written, also on a pull request of the source.
  const conversation = own.installation.conversation(event.repository);
  const context: RepositoryContext = elsewhere ? { ...own, conversation } : own;
  if (event.author === context.login) return;
  if (!event.onPullRequest && !(await isDashboard(context, event.number))) return;
  const heard = await hearOnce(context, event);
  if (heard === null) return;
  const { decision, eyes } = heard;
  await settleOnce(context, event, decision ?? (await decide(context, event)), eyes);
}

/** Is it a command at all, or nearly one? Bots are never heard. */
export function isAddressed({ authorIsBot, body }: CommentEvent): boolean {
  return !authorIsBot && parseCommand(body, { environments: [], services: [] }).kind !== "none";
}

async function decide(context: RepositoryContext, event: CommentEvent): Promise<CommandDecision> {
  const quiet = await hasHeardEnough(context, event);
  const decision = await understand(context, event, quiet);
  return quiet ? withoutText(decision) : decision;
}

async function understand(
  context: RepositoryContext,
  event: CommentEvent,
  quiet: boolean,
): Promise<CommandDecision> {
  const head = await context.repository.head();
  const observed = await observePolicy(context.repository, head.revision);
  const last =
    observed.kind === "absent" ? null : await policyToFollow(context, head.revision, observed);
  const current = observed.kind === "policy" ? observed.policy : null;
  const policies = { current, last, never: unusable(observed) };
  const parsed = parseCommand(event.body, {
    environments: last?.environments.map((one) => one.name) ?? [],
    services: last?.services.map((one) => one.name) ?? [],
  });
  const marker = replyMarker(event.commentId);
  switch (parsed.kind) {
    case "none":
      throw new Error("what is no command was sorted out before");
    case "not-understood":
      // Nobody can know a name where no policy has any.
      if (last === null && parsed.reason === "unknown-name")
        return { command: null, ...denied(event, unusable(observed)) };
      return {
        command: null,
        deed: null,
        reaction: "confused",
        reply: renderNotUnderstood({ ...parsed, marker }),
      };
    case "command":
      if (quiet && isLookCommand(parsed.command))
        return { command: parsed.command.name, deed: null, reaction: "-1", reply: null };
      return {
        command: parsed.command.name,
        ...(await decideCommand(context, policies, event, parsed.command)),
      };
  }
}

function unusable({ kind }: ObservedPolicy): string {
  if (kind === "absent")
    return `There is no policy: ${policyPath} is not on the default branch of this repository.`;
  return `${policyPath} cannot be used, and no older version of it can: the check run sluice/policy on the newest commit of the default branch names every mistake with its line.`;
}
