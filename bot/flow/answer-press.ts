import { isCheckAction } from "#core/check-action.ts";
import { parseRunStream } from "#core/check-run-environment.ts";
import type { SluiceEvent } from "#core/event.ts";
import { findEnvironment } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-branch.ts";
import { parseTrailers } from "#core/promotion-pull-request.ts";
import type { Stream } from "#core/target.ts";

import { gitopsRepositories } from "./find-gitops-repositories.ts";
import { findWaysBack } from "./find-ways-back.ts";
import { sayDashboardAnew } from "./keep-dashboard.ts";
import { addStop } from "./keep-stops.ts";
import { mayPromote } from "./may-promote.ts";
import { observePolicy } from "./observe-policy.ts";
import { observePullRequests } from "./observe-pull-requests.ts";
import { sidesOf } from "./observe-sides.ts";
import { openSides } from "./open-sides.ts";
import { policyToFollow } from "./policy-to-follow.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";
import type { SideRequest } from "./request-side-promotion.ts";
import { runAgain, type Heard } from "./run-again.ts";
import { sayRefusal } from "./say-refusal.ts";

/** So long a press is about what stood there when it was made. */
const pressCounts = 15 * 60_000;
/** GitHub gives times in whole seconds. */
const wholeSecond = 1_000;

type PressEvent = Extract<SluiceEvent, { kind: "check-run.pressed" }>;

/**
 * Somebody pressed a button below one of our check runs: it does what the command of its name does, with the permission
 * of whoever pressed it. GitHub does not say when that was: its delivery's time counts.
 */
export async function answerPress(heard: Heard, event: PressEvent, sentAt: Date): Promise<void> {
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
  const note = `pressed/${jobContext.jobId}`;
  const known = await context.memory.get<Pressed>(note);
  if (known?.done === true) return;
  const pressed = known ?? (await decide(context, event, stream, sentAt));
  if (known === null) await context.memory.set(note, pressed);
  const refusal = pressed.refusal ?? (await carryOut(context, event, stream, pressed));
  if (refusal !== null) {
    const { revision } = event;
    const delivery = jobContext.jobId;
    await sayRefusal(context, { stream, revision, sentence: refusal, delivery });
  }
  await context.memory.set(note, { ...pressed, done: true } satisfies Pressed);
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

/** What a press was taken for. Decided once, and stored before it is carried out; plain JSON. */
type Pressed = {
  /** ISO 8601. */
  readonly at: string;
  /** Why nothing is done. */
  readonly refusal: string | null;
  readonly requests: readonly SideRequest[];
  readonly done: boolean;
};

async function decide(
  context: RepositoryContext,
  event: PressEvent,
  stream: Stream,
  sentAt: Date,
): Promise<Pressed> {
  const { environment: name, service, ring } = stream;
  const at = sentAt.toISOString();
  const refused = (refusal: string) => ({ at, refusal, requests: [], done: false });
  const { repository } = context;
  const { revision } = await repository.head();
  const observed = await observePolicy(repository, revision);
  // The way back stays open while the policy is broken.
  const policy =
    observed.kind === "absent" ? null : await policyToFollow(context, revision, observed);
  const environment = policy === null ? undefined : findEnvironment(policy, name);
  if (policy === null || environment === undefined)
    return refused("The policy of this repository cannot be used now, or has no such environment.");
  const promoter = await mayPromote(context, environment, event.sender);
  if (promoter.kind === "may-not") return refused(promoter.sentence);
  if (event.button !== "rollback") return { at, refusal: null, requests: [], done: false };
  const late = await overtakenBy(context, stream, sentAt);
  if (late !== null) return refused(late);
  const order = { environment: name, service, ring, tag: null, tenants: null };
  const found = await findWaysBack(context, policy, { ...order, by: event.sender, at: sentAt });
  if (found.kind !== "requests") return refused(found.sentence);
  return { at, refusal: null, requests: found.requests, done: false };
}

/**
 * Why a press of "Roll back" means nothing any more: what stands there now need not be what was looked at, and a press
 * that is delivered again would take back one artifact more.
 */
async function overtakenBy(
  context: RepositoryContext,
  stream: Stream,
  sentAt: Date,
): Promise<string | null> {
  const { environment, service } = stream;
  if (context.now.getTime() - sentAt.getTime() > pressCounts)
    return `"Roll back" was pressed more than 15 minutes before Sluice heard of it: look at ${environment} and press it again, or write /rollback ${environment} --service ${service}.`;
  const pulls = await observePullRequests(context, [streamBranch(stream)]);
  const since = sidesOf(stream, pulls).find(
    ({ kind, pull }) =>
      kind === "rollback" &&
      pull.author === context.login &&
      pull.createdAt.getTime() + wholeSecond > sentAt.getTime(),
  );
  return since === undefined
    ? null
    : `#${since.pull.number} was opened since the button was pressed and takes ${service} in ${environment} back: press it again to go back further.`;
}

/** Does it; or says, in a sentence, why not after all. */
async function carryOut(
  context: RepositoryContext,
  event: PressEvent,
  { environment, service }: Stream,
  { at, requests }: Pressed,
): Promise<string | null> {
  if (event.button === "hold") {
    const stop = { kind: "hold", environment, service, by: event.sender, reason: "" } as const;
    const kept = await addStop(context, { ...stop, at: new Date(at) });
    if (kept.kind === "refused") return kept.sentence;
    await sayDashboardAnew(context);
    return null;
  }
  return (await openSides(context, requests)).sentence;
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
