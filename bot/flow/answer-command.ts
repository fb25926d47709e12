import { parseCommand } from "#core/command.ts";
import {
  renderDenied,
  renderHelp,
  renderNotBuilt,
  renderNotUnderstood,
  replyMarker,
} from "#core/comment.ts";
import type { SluiceEvent } from "#core/event.ts";
import type { JobContext } from "#ports/job-queue.ts";

import { carryOut } from "./carry-out-command.ts";
import type { Deps } from "./deps.ts";
import { observePolicy } from "./observe-policy.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";

export type CommentEvent = Extract<SluiceEvent, { kind: "comment.created" }>;

/**
 * Answers one new comment, cheapest question first: what is no command costs nothing, and bots are never heard. A
 * second run of the same comment finds its reaction and its answer and changes nothing.
 */
export async function answerCommand(
  deps: Deps,
  installation: number,
  event: CommentEvent,
  jobContext: JobContext,
): Promise<void> {
  if (event.authorIsBot || !event.onPullRequest) return;
  if (parseCommand(event.body, { environments: [], services: [] }).kind === "none") return;
  const job = { installation, repository: event.repository };
  const context = await openRepository(deps, job, jobContext);
  if (event.author === context.login) return;
  const head = await context.repository.head();
  const observed = await observePolicy(context.repository, head.revision);
  const policy = observed.kind === "policy" ? observed.policy : null;
  const parsed = parseCommand(event.body, {
    environments: policy?.environments.map((one) => one.name) ?? [],
    services: policy?.services.map((one) => one.name) ?? [],
  });
  const marker = replyMarker(event.commentId);
  switch (parsed.kind) {
    case "none":
      return;
    case "not-understood":
      await answer(context, event, "confused", renderNotUnderstood({ ...parsed, marker }));
      return;
    case "not-built":
      await answer(context, event, "confused", renderNotBuilt({ name: parsed.name, marker }));
      return;
    case "command":
      break;
  }
  if (parsed.command.name === "help") {
    await answer(context, event, "rocket", renderHelp({ marker }));
    return;
  }
  if (policy === null) {
    const sentence =
      "The policy of this repository cannot be used now; the check sluice/policy says why.";
    await answer(context, event, "-1", renderDenied({ sentence, marker }));
    return;
  }
  const outcome = await carryOut(context, policy, event, parsed.command);
  if (outcome.kind === "denied")
    await answer(context, event, "-1", renderDenied({ sentence: outcome.sentence, marker }));
  else {
    if (outcome.reply !== null)
      await context.conversation.reply(event.number, marker, outcome.reply);
    await context.conversation.react(event.commentId, "rocket");
  }
  context.log.info(
    { pull: event.number, command: parsed.command.name, by: event.author, result: outcome.kind },
    "command answered",
  );
}

async function answer(
  context: RepositoryContext,
  event: CommentEvent,
  reaction: "confused" | "-1" | "rocket",
  body: string,
): Promise<void> {
  await context.conversation.react(event.commentId, reaction);
  await context.conversation.reply(event.number, replyMarker(event.commentId), body);
}
