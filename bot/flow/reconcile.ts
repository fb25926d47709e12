import { Fault, mostHopeful } from "#core/error.ts";
import type { Plan, PlanInput, StreamState } from "#core/plan-types.ts";
import { makePlan } from "#core/plan.ts";
import type { Policy } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-pull-request.ts";
import { streamKey } from "#core/target.ts";
import type { JobContext, JobOutcome, RepositoryJob } from "#ports/job-queue.ts";

import { actOnStream } from "./act-on-stream.ts";
import { answerQuestions } from "./answer-questions.ts";
import type { Deps } from "./deps.ts";
import { findCandidates } from "./find-candidates.ts";
import { finishPromotions } from "./finish-promotions.ts";
import { foreseeRevisions } from "./foresee-revisions.ts";
import { forgetPassed } from "./forget-passed.ts";
import { measurePolicy } from "./measure-policy.ts";
import { measureStreams } from "./measure-streams.ts";
import { observePolicy } from "./observe-policy.ts";
import { observePullRequests, type ObservedPulls } from "./observe-pull-requests.ts";
import { observeStreams, streamsOf } from "./observe-streams.ts";
import { observeTargets } from "./observe-targets.ts";
import type { PromotionWork } from "./open-pull-request.ts";
import { policyToFollow } from "./policy-to-follow.ts";
import { recoverResumes } from "./recover-resumes.ts";
import { recover, recoverDesired } from "./recover.ts";
import { reportOtherPullRequests } from "./report-other-pull-requests.ts";
import { reportPaused } from "./report-paused.ts";
import { reportPolicy } from "./report-policy.ts";
import { reportProblems } from "./report-problems.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";
import { sawEveryMerge } from "./saw-every-merge.ts";
import { startRollouts } from "./start-rollouts.ts";

/** More passes than any chain of questions needs; an endless one would be our bug. */
const mostPasses = 20;

/**
 * Observes one GitOps repository, plans and acts: the loop that everything leads to. It may die at any line and start
 * over, and it never trusts the event that woke it.
 */
export async function reconcile(
  deps: Deps,
  job: RepositoryJob,
  jobContext: JobContext,
): Promise<JobOutcome> {
  const context = await openRepository(deps, job, jobContext);
  const head = await context.repository.head();
  const observed = await observePolicy(context.repository, head.revision);
  await measurePolicy(context, observed.kind !== "invalid");
  if (observed.kind === "absent") return { kind: "done" };
  await reportPolicy(context, head.revision, observed);
  const policy = await policyToFollow(context, head.revision, observed);
  if (policy === null) return { kind: "done" };
  const paused = observed.kind === "invalid";

  const branches = streamsOf(policy).map(streamBranch);
  const [{ targets, problems }, pulls] = await Promise.all([
    observeTargets(context.repository, policy, head.revision),
    observePullRequests(context, branches),
    foreseeRevisions(context, policy),
  ]);
  if (!(await sawEveryMerge(context, head.revision, pulls))) {
    await wake(context, [context.now]);
    return { kind: "done" };
  }
  const recovered = await context.memory.recovered();
  if (!recovered) await recover(context, policy, pulls);
  const seen = { policy, targets: targets.map((one) => one.target), head: head.revision, pulls };
  await finishPromotions(context, seen, recovered);
  let states = await observeStreams(context, policy, head.revision, targets, pulls);
  if (!recovered) {
    const found = await Promise.all([
      recoverDesired(context, states),
      recoverResumes(context, states),
    ]);
    if (found.includes(true))
      states = await observeStreams(context, policy, head.revision, targets, pulls);
    await context.memory.setRecovered();
  }

  const { plan, input } = await planStreams(context, policy, states);
  await measureStreams(context, states, plan);
  await startRollouts(context, policy, states, plan.streams);
  const acted = paused ? nothingDone : await act(context, policy, head, plan, pulls);
  // What goes on comes before what is only said: a report that GitHub refuses must not stop a soak.
  if (acted.merged) await deps.queue.addReconcile(context.job);
  const wakes = plan.streams.flatMap((stream) => (stream.wakeAt === null ? [] : [stream.wakeAt]));
  await wake(context, [...wakes, ...acted.again]);
  const reported = await Promise.allSettled([
    paused
      ? reportPaused(context, states)
      : reportProblems(context, head.revision, states, problems),
    reportOtherPullRequests(context, pulls),
    forgetPassed(context, input),
  ]);
  const unreported = reported.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  const errors: readonly unknown[] = [...acted.errors, ...unreported];
  if (errors.length > 0) throw mostHopeful(errors);
  return { kind: "done" };
}

type Done = {
  readonly merged: boolean;
  readonly again: readonly Date[];
  readonly errors: readonly unknown[];
};

/** While the policy is broken: rollouts go on, promotions wait. */
const nothingDone: Done = { merged: false, again: [], errors: [] };

/** Plans, answers what the plan asks, and plans again until nothing is left open. */
async function planStreams(
  context: RepositoryContext,
  policy: Policy,
  streams: readonly StreamState[],
): Promise<{ plan: Plan; input: PlanInput }> {
  let input: PlanInput = {
    now: context.now,
    policy,
    streams,
    candidates: await findCandidates(context, policy, streams),
    deployers: context.deps.deployers.names(),
    answers: new Map(),
  };
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const plan = makePlan(input);
    if (plan.questions.length === 0) return { plan, input };
    const answers = await answerQuestions(context, { policy, streams }, plan.questions);
    input = { ...input, answers: new Map([...input.answers, ...answers]) };
  }
  throw new Error(`a plan of ${context.job.repository} went on asking after ${mostPasses} passes`);
}

/**
 * Acts on every stream; after a merge the rest is left to the next run, which sees the branch as it then is. Merges
 * into one base are serial that way. What fails for one stream keeps none of the others from going on, except where
 * nothing more can be asked for now.
 */
async function act(
  context: RepositoryContext,
  policy: Policy,
  head: PromotionWork["base"],
  plan: Plan,
  pulls: ObservedPulls,
): Promise<Done> {
  const again: Date[] = [];
  const errors: unknown[] = [];
  for (const stream of plan.streams) {
    const branch = streamBranch(stream.stream);
    const pull = pulls.find(
      (one) => one.state === "open" && one.sameRepository && one.headBranch === branch,
    );
    try {
      const acted = await actOnStream(context, policy, head, stream, pull ?? null);
      if (acted.kind === "merged") return { merged: true, again, errors };
      if (acted.kind === "again") again.push(acted.at);
    } catch (error) {
      errors.push(error);
      if (context.signal.aborted || (error instanceof Fault && error.retryAt !== null)) break;
    }
    context.log.debug(
      {
        environment: stream.stream.environment,
        stream: streamKey(stream.stream),
        plan: stream.promotion.kind,
        why: stream.promotion.sentence,
      },
      "stream acted on",
    );
  }
  return { merged: false, again, errors };
}

/** One wake-up at the next moment at which anything changes by itself: the queue keeps one for each second. */
async function wake(context: RepositoryContext, times: readonly Date[]): Promise<void> {
  const next = Math.min(...times.map((time) => time.getTime()));
  if (!Number.isFinite(next)) return;
  await context.deps.queue.addWake(context.job, new Date(next));
}
