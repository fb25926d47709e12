import { isCheckAction } from "#core/check-action.ts";
import { parseRunStream } from "#core/check-run-environment.ts";
import { renderDenied, pressReplyMarker } from "#core/comment.ts";
import type { SluiceEvent } from "#core/event.ts";
import { findEnvironment } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-branch.ts";
import { parseTrailers } from "#core/promotion-pull-request.ts";
import type { Stream } from "#core/target.ts";

import { gitopsRepositories } from "./find-gitops-repositories.ts";
import { addStop } from "./keep-stops.ts";
import { mayPromote } from "./may-promote.ts";
import { observePolicy } from "./observe-policy.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";
import { runAgain, type Heard } from "./run-again.ts";

type PressEvent = Extract<SluiceEvent, { kind: "check-run.pressed" }>;

/**
 * Somebody pressed a button below one of our check runs: it does what the command of its name does, with the permission
 * of whoever pressed it. GitHub does not say when that was: the first time that we hear of it counts.
 */
export async function answerPress(heard: Heard, event: PressEvent): Promise<void> {
  if (event.senderIsBot || !isCheckAction(event.button)) return;
  if (event.button === "retry") {
    await runAgain(heard, { ...event, kind: "check-run.rerequested" });
    return;
  }
  const { deps, installation, index, jobContext } = heard;
  if (!gitopsRepositories(index).includes(event.repository)) return;
  const job = { installation, repository: event.repository };
  const context = await openRepository(deps, job, jobContext);
  const stream = await streamOf(context, event);
  if (stream === null) return;
  const at = await firstHeard(context, jobContext.jobId);
  const refusal = await press(context, event, stream, at);
  if (refusal !== null) await sayRefusal(context, stream, event, refusal, jobContext.jobId);
  context.log.info(
    {
      button: event.button,
      by: event.sender,
      ...stream,
      result: refusal === null ? "done" : "denied",
    },
    "button answered",
  );
  await deps.queue.addReconcile(job);
}

/** Does it; or says, in a sentence, why not. */
async function press(
  context: RepositoryContext,
  event: PressEvent,
  { environment: name, service }: Stream,
  at: Date,
): Promise<string | null> {
  const { repository } = context;
  const observed = await observePolicy(repository, (await repository.head()).revision);
  const environment =
    observed.kind === "policy" ? findEnvironment(observed.policy, name) : undefined;
  if (environment === undefined)
    return "The policy of this repository cannot be used now, or no longer has this environment.";
  const promoter = await mayPromote(context, environment, event.sender);
  if (promoter.kind === "may-not") return promoter.sentence;
  const stop = {
    kind: "hold",
    environment: name,
    service,
    by: event.sender,
    at,
    reason: "",
  } as const;
  const kept = await addStop(context, stop);
  return kept.kind === "kept" ? null : kept.sentence;
}

/** A run of ours says what it is about in its own text; a promotion's head in the trailers of our own commit. */
async function streamOf(
  { checkRuns, repository, login }: RepositoryContext,
  { revision, name, externalId }: PressEvent,
): Promise<Stream | null> {
  if (name === "sluice/gates") {
    const commit = await repository.commit(revision);
    return commit.author === login ? (parseTrailers(commit.message)?.stream ?? null) : null;
  }
  const runs = await checkRuns.list(revision, name);
  const run = runs.find((one) => one.ours && one.externalId === externalId);
  return run === undefined ? null : parseRunStream(run.text);
}

async function firstHeard({ memory, now }: RepositoryContext, delivery: string): Promise<Date> {
  const known = await memory.get<string>(`pressed/${delivery}`);
  if (known !== null) return new Date(known);
  await memory.set(`pressed/${delivery}`, now.toISOString());
  return now;
}

/** A button has no answer of its own: what is refused is said on the promotion's pull request, where there is one. */
async function sayRefusal(
  { repository, conversation }: RepositoryContext,
  stream: Stream,
  { revision }: PressEvent,
  sentence: string,
  delivery: string,
): Promise<void> {
  const pulls = await repository.pullRequestsOf(streamBranch(stream));
  const pull = pulls.find((one) => one.headRevision === revision || one.mergeRevision === revision);
  if (pull === undefined) return;
  const marker = pressReplyMarker(delivery);
  await conversation.reply(pull.number, marker, renderDenied({ sentence, marker }));
}
