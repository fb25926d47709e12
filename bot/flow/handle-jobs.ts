import { Fault, mostHopeful } from "#core/error.ts";
import type { SluiceEvent } from "#core/event.ts";
import type {
  DeliveryJob,
  JobContext,
  JobHandlers,
  JobOutcome,
  RepositoryJob,
} from "#ports/job-queue.ts";

import { deliverNotification } from "./deliver-notification.ts";
import type { Deps } from "./deps.ts";
import { receiveEvent } from "./receive-event.ts";
import { reconcile } from "./reconcile.ts";
import { remember } from "./remember.ts";
import { settleRollout, reportRollout } from "./report-check-run.ts";
import { takeFailureBack } from "./report-failed-job.ts";
import { runLoad } from "./run-load.ts";
import { runRollout, type RolloutListeners } from "./run-rollout.ts";
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
      untilAllowed(deps, () =>
        whileThere(deps, job, context, async () => {
          const outcome = await reconcile(deps, job, context);
          await takeFailureBack(deps, "reconcile", job);
          return outcome;
        }),
      ),
    rollouts: (job, context) =>
      untilAllowed(deps, () =>
        whileThere(deps, job, context, async () => {
          const rollout = { ...deps, ...listeners(deps, job, context) };
          const outcome = await runRollout(rollout, job, context);
          await takeFailureBack(deps, "rollouts", job);
          return outcome;
        }),
      ),
    notifications: (job, context) =>
      untilAllowed(deps, () => deliverNotification(deps, job, context)),
    loads: (job, context) =>
      untilAllowed(deps, () =>
        whileThere(deps, job, context, async () => {
          const outcome = await runLoad(deps, job, context);
          await takeFailureBack(deps, "loads", job);
          return outcome;
        }),
      ),
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
    case "github": {
      const sentAt = job.sentAt === undefined ? (context.storedAt ?? at) : new Date(job.sentAt);
      await readers.github(job, async (installation, event) => {
        try {
          await receiveEvent(deps, { installation, event, witness: "github", at, sentAt }, context);
        } catch (error) {
          // The last word of an installation that was just removed: there is nobody left to act for.
          if (!(await installationIsGone(deps, installation, error))) throw error;
        }
      });
      return;
    }
    case "registry":
      await tellEveryInstallation(deps, readers.registry(job.body), at, context);
      return;
    case "argocd": {
      const event = readers.argocd(job.body);
      if (event.kind === "application.changed") await wakeRollouts(deps, event.application);
    }
  }
}

/** A hook names no installation: each is told, and one that fails keeps none of the others from hearing it. */
async function tellEveryInstallation(
  deps: Deps,
  event: SluiceEvent,
  at: Date,
  context: JobContext,
): Promise<void> {
  const errors: unknown[] = [];
  for (const { id } of await deps.host.installations())
    try {
      await receiveEvent(deps, { installation: id, event, witness: "hook", at }, context);
    } catch (error) {
      if (!(await installationIsGone(deps, id, error))) errors.push(error);
    }
  if (errors.length > 0) throw mostHopeful(errors);
}

function listeners(deps: Deps, job: RepositoryJob, context: JobContext): RolloutListeners {
  const to = { installation: job.installation, repository: job.repository };
  return {
    reportProgress: (assignment, progress, everywhere) =>
      reportRollout(deps, to, context, assignment, progress, null, everywhere),
    settle: (assignment, verdict, progress) =>
      settleRollout(deps, to, context, assignment, verdict, progress),
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

/** A repository that left the installation while its job waited: forgotten, and no failure of anybody. */
async function whileThere(
  deps: Deps,
  job: RepositoryJob,
  context: JobContext,
  work: () => Promise<JobOutcome>,
): Promise<JobOutcome> {
  try {
    return await work();
  } catch (error) {
    if (!(await isGone(deps, job, context, error))) throw error;
    await remember(deps.facts, job.repository).forget();
    deps.log.info({ repository: job.repository }, "repository left the installation");
    return { kind: "done" };
  }
}

/**
 * Is it the repository itself, or the whole installation, that is gone? A 404 or 403 can mean many things: only the list of
 * what the installation still has tells.
 */
async function isGone(
  deps: Deps,
  job: RepositoryJob,
  context: JobContext,
  error: unknown,
): Promise<boolean> {
  if (await installationIsGone(deps, job.installation, error)) return true;
  // A public repository that left can still be read: only a write is refused then.
  const refusals = ["github.not-found", "github.forbidden"];
  if (!(error instanceof Fault) || !refusals.includes(error.code)) return false;
  const repositories = await deps.host
    .installation(job.installation, context.signal)
    .repositories();
  return !repositories.some(({ name }) => name.toLowerCase() === job.repository.toLowerCase());
}

async function installationIsGone(deps: Deps, id: number, error: unknown): Promise<boolean> {
  if (!(error instanceof Fault)) return false;
  if (error.code === "github.suspended") return true;
  if (error.code !== "github.not-found") return false;
  return !(await deps.host.installations()).some((installation) => installation.id === id);
}
