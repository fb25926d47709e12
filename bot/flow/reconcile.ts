import { mostHopeful } from "#core/error.ts";
import type { JobContext, JobOutcome, RepositoryJob } from "#ports/job-queue.ts";

import { actOnPlan } from "./act-on-plan.ts";
import type { Deps } from "./deps.ts";
import { forgetPassed } from "./forget-passed.ts";
import { keepDashboard } from "./keep-dashboard.ts";
import { measureStreams } from "./measure-streams.ts";
import { planRepository } from "./plan-repository.ts";
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
  const planned = await planRepository(context);
  if (planned.kind === "no-policy") return { kind: "done" };
  if (planned.kind === "look-again") {
    await wake(context, [context.now]);
    return { kind: "done" };
  }
  const { policy, paused, head, pulls, problems, states, plan, input } = planned;
  await measureStreams(context, states, plan, input.freezes);
  await startRollouts(context, policy, states, plan.streams);
  const acted = await actOnPlan(context, planned);
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
    // After a merge the next run shows what came of it.
    acted.merged ? null : keepDashboard(context, planned),
  ]);
  const unreported = reported.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  const errors: readonly unknown[] = [...acted.errors, ...unreported];
  if (errors.length > 0) throw mostHopeful(errors);
  return { kind: "done" };
}

/** One wake-up at the next moment at which anything changes by itself: the queue keeps one for each second. */
async function wake(context: RepositoryContext, times: readonly Date[]): Promise<void> {
  const next = Math.min(...times.map((time) => time.getTime()));
  if (!Number.isFinite(next)) return;
  await context.deps.queue.addWake(context.job, new Date(next));
}
