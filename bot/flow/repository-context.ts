import type { ValuesResult } from "#core/values.ts";
import type { CheckRuns, Conversation, Installation } from "#ports/code-host.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";
import type { Issues } from "#ports/issues.ts";
import type { JobContext, RepositoryJob } from "#ports/job-queue.ts";
import type { Log } from "#ports/log.ts";

import type { Deps } from "./deps.ts";
import { remember, type Memory } from "./remember.ts";

/** Everything that work on one GitOps repository needs, bound to one job's abort signal. */
export type RepositoryContext = {
  readonly deps: Deps;
  readonly job: RepositoryJob;
  readonly installation: Installation;
  readonly repository: GitopsRepo;
  readonly checkRuns: CheckRuns;
  readonly conversation: Conversation;
  readonly issues: Issues;
  readonly memory: Memory;
  /** What this run has edited before it was known to be wanted, by `editKey`: few files. */
  readonly ahead: Map<string, Extract<ValuesResult, { kind: "edited" }>>;
  /** Login of the App: what it wrote can be told from what others wrote. */
  readonly login: string;
  /** The one moment that this run decides by. */
  readonly now: Date;
  readonly log: Log;
  /** Aborted when the lock is lost or the process stops: goes into every outgoing call. */
  readonly signal: AbortSignal;
};

export async function openRepository(
  deps: Deps,
  job: RepositoryJob,
  context: JobContext,
): Promise<RepositoryContext> {
  const installation = deps.host.installation(job.installation, context.signal);
  return {
    deps,
    job: { installation: job.installation, repository: job.repository },
    installation,
    repository: installation.repository(job.repository),
    checkRuns: installation.checkRuns(job.repository),
    conversation: installation.conversation(job.repository),
    issues: installation.issues(job.repository),
    memory: remember(deps.facts, job.repository),
    ahead: new Map(),
    login: await deps.host.login(),
    now: deps.clock.now(),
    log: deps.log.child({ repository: job.repository, job_id: context.jobId }),
    signal: context.signal,
  };
}
