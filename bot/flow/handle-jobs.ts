import { Fault } from "#core/error.ts";
import type { SluiceEvent } from "#core/event.ts";
import type { DeliveryJob, JobContext, JobHandlers, JobOutcome } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { receiveEvent } from "./receive-event.ts";
import { reconcile } from "./reconcile.ts";
import { remember } from "./remember.ts";
import { settleRollout, reportRollout } from "./report-check-run.ts";
import { runRollout } from "./run-rollout.ts";
import { wakeRollouts } from "./wake-rollouts.ts";

/** How a delivery of each source becomes events: adapters know the formats. */
export type DeliveryReaders = {
  /** Calls back for each event of a GitHub delivery, awaited one after the other. */
  readonly github: (
    job: DeliveryJob,
    onEvent: (installation: number, event: SluiceEvent) => Promise<void>,
  ) => Promise<void>;
  readonly registry: (body: string) => SluiceEvent;
  readonly argocd: (body: string) => SluiceEvent;
};

/** What a worker does with each kind of job. */
export function jobHandlers(deps: Deps, readers: DeliveryReaders): JobHandlers {
  return {
    deliveries: (job, context) =>
      untilAllowed(deps, async () => {
        await handleDelivery(deps, readers, job, context);
        return { kind: "done" };
      }),
    reconcile: (job, context) =>
      untilAllowed(deps, async () => {
        try {
          return await reconcile(deps, job, context);
        } catch (error) {
          if (!(await isGone(deps, job, context, error))) throw error;
          await remember(deps.facts, job.repository).forget();
          deps.log.info({ repository: job.repository }, "repository left the installation");
          return { kind: "done" };
        }
      }),
    rollouts: (job, context) =>
      untilAllowed(deps, () => runRollout(rolloutDeps(deps, job, context), job, context)),
    wakes: async (job) => {
      await deps.queue.addReconcile(job);
      return { kind: "done" };
    },
  };
}

async function handleDelivery(
  deps: Deps,
  readers: DeliveryReaders,
  job: DeliveryJob,
  context: JobContext,
): Promise<void> {
  const at = deps.clock.now();
  switch (job.source) {
    case "github":
      await readers.github(job, (installation, event) =>
        receiveEvent(deps, { installation, event, witness: "github", at }, context),
      );
      return;
    case "registry": {
      const event = readers.registry(job.body);
      for (const { id } of await deps.host.installations())
        await receiveEvent(deps, { installation: id, event, witness: "hook", at }, context);
      return;
    }
    case "argocd": {
      const event = readers.argocd(job.body);
      if (event.kind === "application.changed") await wakeRollouts(deps, event.application);
    }
  }
}

function rolloutDeps(
  deps: Deps,
  job: { installation: number; repository: string },
  context: JobContext,
) {
  const to = { installation: job.installation, repository: job.repository };
  return {
    ...deps,
    repository: deps.host.installation(job.installation, context.signal).repository(job.repository),
    reportProgress: (
      assignment: Parameters<typeof reportRollout>[3],
      progress: Parameters<typeof reportRollout>[4],
    ) => reportRollout(deps, to, context, assignment, progress, null),
    settle: (
      assignment: Parameters<typeof settleRollout>[3],
      verdict: Parameters<typeof settleRollout>[4],
      progress: Parameters<typeof settleRollout>[5],
    ) => settleRollout(deps, to, context, assignment, verdict, progress),
  };
}

/** While GitHub forbids calls, the job waits until the very moment it named; that is no failure. */
async function untilAllowed(deps: Deps, work: () => Promise<JobOutcome>): Promise<JobOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault) || error.retryAt === null) throw error;
    deps.log.info({ code: error.code, until: error.retryAt.toISOString() }, "waiting as told");
    return { kind: "later", at: error.retryAt };
  }
}

/**
 * Is it the repository itself, or the whole installation, that is gone? A 404 can mean many things: only the list of
 * what the installation still has tells.
 */
async function isGone(
  deps: Deps,
  job: { installation: number; repository: string },
  context: JobContext,
  error: unknown,
): Promise<boolean> {
  if (!(error instanceof Fault)) return false;
  if (error.code === "github.suspended") return true;
  if (error.code !== "github.not-found") return false;
  const installed = await deps.host.installations();
  if (!installed.some(({ id }) => id === job.installation)) return true;
  const repositories = await deps.host
    .installation(job.installation, context.signal)
    .repositories();
  return !repositories.some(({ name }) => name.toLowerCase() === job.repository.toLowerCase());
}
