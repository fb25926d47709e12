import type { SluiceEvent } from "#core/event.ts";
import { findEnvironment } from "#core/policy.ts";
import type { JobContext } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { mayPromote } from "./may-promote.ts";
import { observePolicy } from "./observe-policy.ts";
import { streamsOf } from "./observe-streams.ts";
import { openRepository } from "./repository-context.ts";
import { findRetry, retryRollout } from "./retry-rollout.ts";

/**
 * "Re-run" on one of Sluice's check runs: `sluice/<environment>` does what `/retry` does, if whoever pressed it may;
 * every other one is simply computed again.
 */
export async function retryCheckRun(
  deps: Deps,
  installation: number,
  event: Extract<SluiceEvent, { kind: "check-run.rerequested" }>,
  jobContext: JobContext,
): Promise<void> {
  const job = { installation, repository: event.repository };
  const context = await openRepository(deps, job, jobContext);
  const head = await context.repository.head();
  const observed = await observePolicy(context.repository, head.revision);
  if (observed.kind === "policy") {
    const name = event.name.replace(/^sluice\//, "");
    const environment = findEnvironment(observed.policy, name);
    if (
      environment !== undefined &&
      (await mayPromote(context, environment, event.sender)).kind === "may"
    )
      for (const stream of streamsOf(observed.policy))
        if (stream.environment === environment.name) {
          const [last] = await context.memory.verdicts(stream);
          const retry = await findRetry(context, stream, context.now);
          if (retry !== null && last?.commit === event.revision) await retryRollout(context, retry);
        }
  }
  await deps.queue.addReconcile(job);
}
