import { isLookCommand, parseCommand } from "#core/command.ts";
import { renderNotUnderstood, replyMarker } from "#core/comment.ts";
import type { SluiceEvent } from "#core/event.ts";
import type { JobContext, RepositoryJob } from "#ports/job-queue.ts";

import { carryOut } from "./carry-out-command.ts";
import type { CommandDecision } from "./command-decision.ts";
import { isDashboard } from "./dashboard-issue.ts";
import { decideCommand } from "./decide-command.ts";
import type { Deps } from "./deps.ts";
import { countAnswer, hasHeardEnough, withoutText } from "./limit-answers.ts";
import { observePolicy } from "./observe-policy.ts";
import { policyToFollow } from "./policy-to-follow.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";

export type CommentEvent = Extract<SluiceEvent, { kind: "comment.created" }>;

/**
 * Answers one new comment, cheapest question first: what is no command costs nothing, and bots are never heard. A
 * comment is answered once, however often and however late it comes: the decision is stored before it is carried out,
 * and our reaction, which comes last, says that nothing is left to do.
 */
export async function answerCommand(
  deps: Deps,
  job: RepositoryJob,
  event: CommentEvent,
  jobContext: JobContext,
): Promise<void> {
  if (event.authorIsBot) return;
  if (parseCommand(event.body, { environments: [], services: [] }).kind === "none") return;
  const elsewhere = event.repository !== job.repository;
  if (elsewhere && !event.onPullRequest) return;
  const own = await openRepository(deps, job, jobContext);
  // It is answered where it was written, also on a pull request of the source.
  const conversation = own.installation.conversation(event.repository);
  const context: RepositoryContext = elsewhere ? { ...own, conversation } : own;
  if (event.author === context.login) return;
  if (!event.onPullRequest && !(await isDashboard(context, event.number))) return;
  const { memory } = context;
  const known = await memory.answer(event.commentId);
  if (known?.done === true) return;
  // Whoever wrote sees at once that it was heard, before anything else is asked.
  const isNew = await conversation.react(event.commentId, "eyes");
  if (known === null && !isNew && (await wasAnswered(context, event))) {
    await memory.setAnswered(event.commentId);
    return;
  }
  const decision =
    known?.decision ?? (await memory.keepDecision(event.commentId, await decide(context, event)));
  if (decision === null) return;
  let { reaction } = decision;
  if (decision.deed !== null && (await carryOut(context, event, decision.deed)) === "refused")
    reaction = "-1";
  if (decision.reply !== null) {
    await conversation.reply(event.number, replyMarker(event.commentId), decision.reply);
    if (decision.deed === null) await countAnswer(context, event);
  }
  await conversation.react(event.commentId, reaction);
  await memory.setAnswered(event.commentId);
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

/** What stands on GitHub tells it even where the memory was emptied. */
async function wasAnswered(context: RepositoryContext, event: CommentEvent): Promise<boolean> {
  const { conversation } = context;
  const reactions = await conversation.reactions(event.commentId);
  if (reactions.some((reaction) => reaction !== "eyes")) return true;
  const marker = replyMarker(event.commentId);
  return (await conversation.comments(event.number)).some(
    ({ author, body }) => author === context.login && body.includes(marker),
  );
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
  const current = observed.kind === "policy" ? observed.policy : null;
  const last =
    observed.kind === "absent" ? null : await policyToFollow(context, head.revision, observed);
  const parsed = parseCommand(event.body, {
    environments: last?.environments.map((one) => one.name) ?? [],
    services: last?.services.map((one) => one.name) ?? [],
  });
  const marker = replyMarker(event.commentId);
  switch (parsed.kind) {
    case "none":
      throw new Error("what is no command was sorted out before");
    case "not-understood":
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
        ...(await decideCommand(context, { current, last }, event, parsed.command)),
      };
  }
}
