import { mostHopeful } from "#core/error.ts";
import { streamKey } from "#core/target.ts";
import type { JobContext, JobOutcome, RepositoryJob } from "#ports/job-queue.ts";

import { actOnPlan, type ActedOnPlan } from "./act-on-plan.ts";
import { answerMergeGroups } from "./answer-merge-groups.ts";
import type { Deps } from "./deps.ts";
import { forgetPassed } from "./forget-passed.ts";
import { keepDashboard } from "./keep-dashboard.ts";
import { measureStreams } from "./measure-streams.ts";
import { notify } from "./notify.ts";
import { planRepository, type Planned } from "./plan-repository.ts";
import { reportOtherPullRequests } from "./report-other-pull-requests.ts";
import { reportPaused } from "./report-paused.ts";
import { reportProblems } from "./report-problems.ts";
import { openRepository, type RepositoryContext } from "./repository-context.ts";
import { startRollouts } from "./start-rollouts.ts";

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
  let early = actedOnNothing;
  const planned = await planRepository(context, async (sofar) => {
    early = await actEarly(context, sofar);
    return early.merged ? "merged" : "go-on";
  });
  if (planned.kind === "no-policy") return { kind: "done" };
  if (planned.kind === "look-again") {
    await wake(context, [context.now]);
    return { kind: "done" };
  }
  const { policy, paused, pulls, states, plan, input } = planned;
  if (!early.merged) await measureStreams(context, states, plan, input.freezes);
  await startRollouts(context, policy, states, plan.streams);
  const acted = early.merged
    ? early
    : join(early, await actOnPlan(context, planned, early.streams));
  // What goes on comes before what is only said: a report that GitHub refuses must not stop a soak.
  if (acted.merged) await deps.queue.addReconcile(context.job);
  const wakes = plan.streams.flatMap((stream) => (stream.wakeAt === null ? [] : [stream.wakeAt]));
  await wake(context, [...wakes, ...acted.again]);
  const reported = await Promise.allSettled([
    paused ? reportPaused(context, states) : reportProblems(context, planned),
    reportOtherPullRequests(context, pulls, states),
    forgetPassed(context, input),
    acted.merged ? null : answerMergeGroups(context, planned),
    notify(context, planned),
    // After a merge the next run shows what came of it.
    acted.merged ? null : keepDashboard(context, planned),
  ]);
  const unreported = reported.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  const errors: readonly unknown[] = [...acted.errors, ...unreported];
  if (errors.length > 0) throw mostHopeful(errors);
  return { kind: "done" };
}

type ActedEarly = ActedOnPlan & {
  /** By stream key. */
  readonly streams: ReadonlySet<string>;
};

const actedOnNothing: ActedEarly = { merged: false, again: [], errors: [], streams: new Set() };

/**
 * An Argo CD that takes its time holds back what must ask it, and nothing else. Where something goes beside a stream's
 * own promotion, all is done in its order.
 */
async function actEarly(context: RepositoryContext, sofar: Planned): Promise<ActedEarly> {
  const { plan, paused } = sofar;
  const inOrder = plan.streams.some(
    ({ sides, noWayBack }) => sides.length > 0 || noWayBack !== null,
  );
  if (paused || inOrder) return actedOnNothing;
  await startRollouts(context, sofar.policy, sofar.states, plan.streams);
  const acted = await actOnPlan(context, sofar, plan.asking);
  const keys = plan.streams.map(({ stream }) => streamKey(stream));
  return { ...acted, streams: new Set(keys.filter((key) => !plan.asking.has(key))) };
}

function join(first: ActedOnPlan, second: ActedOnPlan): ActedOnPlan {
  return {
    merged: second.merged,
    again: [...first.again, ...second.again],
    errors: [...first.errors, ...second.errors],
  };
}

/** One wake-up at the next moment at which anything changes by itself: the queue keeps one for each second. */
async function wake(context: RepositoryContext, times: readonly Date[]): Promise<void> {
  const next = Math.min(...times.map((time) => time.getTime()));
  if (!Number.isFinite(next)) return;
  await context.deps.queue.addWake(context.job, new Date(next));
}
