import { formatArtifact } from "#core/artifact.ts";
import { renderEnvironmentCheck } from "#core/check-run-environment.ts";
import type { RolloutAssignment, RolloutProgress } from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";
import type { JobContext } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { measureLeadTime } from "./measure-lead-time.ts";
import { remember } from "./remember.ts";
import { reportDeployment } from "./report-deployment.ts";
import { reportOnSource } from "./report-on-source.ts";
import { tellSource } from "./tell-source.ts";

/**
 * Says how far a rollout is: on the commit that brought the artifact and, where `everywhere`, on the commit that it was
 * built from and on GitHub's Environments page.
 */
export async function reportRollout(
  deps: Deps,
  job: { installation: number; repository: string },
  context: JobContext,
  assignment: RolloutAssignment,
  progress: RolloutProgress,
  verdict: Verdict | null,
  everywhere = true,
): Promise<void> {
  const installation = deps.host.installation(job.installation, context.signal);
  const own = renderEnvironmentCheck({ assignment, progress, verdict });
  const attempt = assignment.retriedAt ?? "1";
  const source = everywhere
    ? tellSource(deps.log, assignment.source?.repository ?? "", async () =>
        reportOnSource(deps, job, context, assignment, progress, verdict),
      )
    : Promise.resolve();
  const shown = everywhere
    ? reportDeployment(deps, job, context, assignment, verdict)
    : Promise.resolve();
  // A verdict on the commit counts as told everywhere: after that, nobody would tell anybody else any more.
  if (verdict !== null) await Promise.all([source, shown]);
  await Promise.all([
    installation.checkRuns(job.repository).report({
      ...own,
      revision: assignment.commit,
      name: `sluice/${assignment.stream.environment}`,
      externalId: `${assignment.promotionId}:${attempt}`,
    }),
    source,
    shown,
  ]);
}

/** Writes the verdict down where people and a restarted Sluice find it, then lets the plan go on. */
export async function settleRollout(
  deps: Deps,
  job: { installation: number; repository: string },
  context: JobContext,
  assignment: RolloutAssignment,
  verdict: Verdict,
  progress: RolloutProgress,
): Promise<void> {
  await reportRollout(deps, job, context, assignment, progress, verdict);
  await measureLeadTime(deps, assignment, verdict);
  const memory = remember(deps.facts, job.repository);
  await memory.addVerdict(assignment.stream, verdict);
  await deps.queue.addReconcile(job);
  // The line does not wait for a page of GitHub's; where that is out of order, this verdict is told once more.
  await reportDeployment(deps, job, context, assignment, verdict, true);
  const { environment } = assignment.stream;
  deps.meter.count("promotions_total", { environment, result: verdict.result });
  deps.meter.observe(
    "promotion_stage_seconds",
    { environment, stage: "rollout" },
    (verdict.at.getTime() - Date.parse(assignment.startedAt)) / 1000,
  );
  deps.log.info(
    {
      repository: job.repository,
      promotion_id: assignment.promotionId,
      ...assignment.stream,
      artifact: formatArtifact(assignment.artifact),
      revision: assignment.commit,
      result: verdict.result,
      sentence: verdict.sentence,
      targets: verdict.tenants.length,
    },
    "rollout settled",
  );
}
