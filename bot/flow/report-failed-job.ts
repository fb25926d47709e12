import { renderFailedJobCheck } from "#core/check-run-policy.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import type { QueueName, RepositoryJob } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { assignmentKey } from "./start-rollouts.ts";

/** A job that ended in the failed set after its last attempt. */
export type FailedJob = {
  readonly queue: QueueName;
  readonly job: object;
  readonly jobId: string;
  /** Without secrets: it is shown to people. */
  readonly reason: string;
};

/**
 * Says on a commit that Sluice gave a job up, and how to try it again: on the one that a rollout is about, else on the
 * default branch's head. A delivery names no commit; the log and the metric tell of it.
 */
export async function reportFailedJob(deps: Deps, failed: FailedJob): Promise<void> {
  const { queue, job, jobId, reason } = failed;
  if (queue === "deliveries" || !isOfRepository(job)) return;
  const installation = deps.host.installation(job.installation);
  const rollout =
    queue === "rollouts" && isOfStream(job)
      ? await deps.facts.get<RolloutAssignment>(assignmentKey(job.repository, job))
      : null;
  const revision =
    rollout?.commit ?? (await installation.repository(job.repository).head()).revision;
  await installation.checkRuns(job.repository).report({
    ...renderFailedJobCheck({ reason, jobId }),
    revision,
    name: rollout === null ? "sluice/policy" : `sluice/${rollout.stream.environment}`,
    externalId: `failed:${queue}`,
  });
}

function isOfRepository(job: object): job is RepositoryJob {
  return "installation" in job && "repository" in job;
}

function isOfStream(
  job: object,
): job is { environment: string; service: string; ring: string } & RepositoryJob {
  return "environment" in job && "service" in job && "ring" in job;
}
