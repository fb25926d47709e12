import { Fault, mostHopeful } from "#core/error.ts";
import type { Plan } from "#core/plan-types.ts";
import type { Policy } from "#core/policy.ts";
import { streamBranch } from "#core/promotion-branch.ts";
import { streamKey } from "#core/target.ts";
import type { JobContext, JobOutcome, RepositoryJob } from "#ports/job-queue.ts";

import { actOnStream } from "./act-on-stream.ts";
import type { Deps } from "./deps.ts";
import { forgetPassed } from "./forget-passed.ts";
import { measureStreams } from "./measure-streams.ts";
import type { ObservedPulls } from "./observe-pull-requests.ts";
import type { PromotionWork } from "./open-pull-request.ts";
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
