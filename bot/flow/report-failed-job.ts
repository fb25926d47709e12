import { renderFailedJobCheck, renderRecoveredJobCheck } from "#core/check-run-policy.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import { streamKey } from "#core/target.ts";
import type { QueueName, RepositoryJob } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { remember } from "./remember.ts";
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
  // A delivery names no commit, and whom nobody could tell, the log names.
  if (queue === "deliveries" || queue === "notifications" || !isOfRepository(job)) return;
  const installation = deps.host.installation(job.installation);
  const rollout =
    queue === "rollouts" && isOfStream(job)
      ? await deps.facts.get<RolloutAssignment>(assignmentKey(job.repository, job))
      : null;
  const revision =
    rollout?.commit ?? (await installation.repository(job.repository).head()).revision;
  const name = rollout === null ? "sluice/policy" : `sluice/${rollout.stream.environment}`;
  const externalId = `failed:${queue}`;
  const rendered = renderFailedJobCheck({ reason, jobId });
  await installation.checkRuns(job.repository).report({ ...rendered, revision, name, externalId });
  const memory = remember(deps.facts, job.repository);
  const said = await memory.get<Said>(noteOf(queue, job));
  const others = (said ?? []).filter((one) => one.revision !== revision || one.name !== name);
  await memory.set(noteOf(queue, job), [...others, { revision, name }].slice(-mostSaid));
}

/** A job of the same kind has ended well: what was said when one was given up is taken back. */
export async function takeFailureBack(
  deps: Deps,
  queue: QueueName,
  job: RepositoryJob,
): Promise<void> {
  const memory = remember(deps.facts, job.repository);
  const said = (await memory.get<Said>(noteOf(queue, job))) ?? [];
  if (said.length === 0) return;
  const checkRuns = deps.host.installation(job.installation).checkRuns(job.repository);
  const externalId = `failed:${queue}`;
  for (const place of said)
    await checkRuns.report({ ...renderRecoveredJobCheck(), ...place, externalId });
  await memory.set(noteOf(queue, job), [] satisfies Said);
}

type Said = readonly { readonly revision: string; readonly name: string }[];

/** Commits on which a failure is remembered to have been said; older ones keep their word. */
const mostSaid = 20;

function noteOf(queue: QueueName, job: RepositoryJob): string {
  return `failed/${queue}/${isOfStream(job) ? streamKey(job) : ""}`;
}

function isOfRepository(job: object): job is RepositoryJob {
  return "installation" in job && "repository" in job;
}

function isOfStream(
  job: object,
): job is { environment: string; service: string; ring: string } & RepositoryJob {
  return "environment" in job && "service" in job && "ring" in job;
}
