import { formatArtifact } from "#core/artifact.ts";
import {
  renderEnvironmentCheck,
  renderSourceCheck,
  type SourceReport,
} from "#core/check-run-environment.ts";
import { parseSourceRecord, renderSourceRecord } from "#core/source-record.ts";
import type { RolloutAssignment, RolloutProgress } from "#core/stream-rollout.ts";
import { streamKey } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";
import type { CheckRuns } from "#ports/code-host.ts";
import type { JobContext } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { measureLeadTime } from "./measure-lead-time.ts";
import { remember } from "./remember.ts";
import { takeTurns } from "./take-turns.ts";

/** Says how far a rollout is: on the commit that brought the artifact, and on the commit that it was built from. */
export async function reportRollout(
  deps: Deps,
  job: { installation: number; repository: string },
  context: JobContext,
  assignment: RolloutAssignment,
  progress: RolloutProgress,
  verdict: Verdict | null,
): Promise<void> {
  const installation = deps.host.installation(job.installation, context.signal);
  const own = renderEnvironmentCheck({ assignment, progress, verdict });
  const attempt = assignment.retriedAt ?? "1";
  await Promise.all([
    installation.checkRuns(job.repository).report({
      ...own,
      revision: assignment.commit,
      name: `sluice/${assignment.stream.environment}`,
      externalId: `${assignment.promotionId}:${attempt}`,
    }),
    reportOnSource(deps, job, context, assignment, progress, verdict),
  ]);
}

/** One run an environment, over all services and rings that were built from this revision: the worst wins. */
async function reportOnSource(
  deps: Deps,
  job: { installation: number; repository: string },
  context: JobContext,
  assignment: RolloutAssignment,
  progress: RolloutProgress,
  verdict: Verdict | null,
): Promise<void> {
  const { source, stream } = assignment;
  if (source === null) return;
  const checkRuns = deps.host
    .installation(job.installation, context.signal)
    .checkRuns(source.repository);
  const run = {
    revision: source.revision,
    name: `sluice/${stream.environment}`,
    externalId: `source:${stream.environment}`,
  };
  const prefix = `source-report/${source.repository}/${source.revision}/${stream.environment}/`;
  const report: SourceReport = {
    assignment: { stream, artifact: assignment.artifact, commit: assignment.commit },
    verdict: verdict === null ? null : { ...verdict, at: verdict.at.toISOString() },
    counts: progress.counts,
  };
  await recallReports(deps, checkRuns, run, prefix);
  await deps.facts.set(`${prefix}${job.repository}/${streamKey(stream)}`, report, kept);
  const holder = `${job.repository}/${streamKey(stream)}`;
  await takeTurns(deps.facts, `source-turn/${prefix}`, holder, async () => {
    const found = await deps.facts.list<SourceReport>(prefix);
    const reports = new Map([...found].map(([key, one]) => [key.slice(prefix.length), one]));
    const rendered = renderSourceCheck({
      environment: stream.environment,
      reports: [...reports.values()],
    });
    await checkRuns.report({ ...rendered, text: renderSourceRecord(reports), ...run });
  });
}

const kept = { ttlMs: 30 * 24 * 60 * 60_000 };

/** After the facts were emptied, what other streams had reported stands in the run itself. */
async function recallReports(
  deps: Deps,
  checkRuns: CheckRuns,
  run: { readonly revision: string; readonly name: string; readonly externalId: string },
  prefix: string,
): Promise<void> {
  const recalled = `source-recalled/${prefix}`;
  if ((await deps.facts.get(recalled)) !== null) return;
  const runs = await checkRuns.list(run.revision, run.name);
  const [newest] = runs
    .filter((one) => one.ours && one.externalId === run.externalId)
    .toSorted((one, other) => other.id - one.id);
  for (const [place, report] of parseSourceRecord(newest?.text ?? ""))
    await deps.facts.update<SourceReport>(
      `${prefix}${place}`,
      (known) => (known === null ? report : undefined),
      kept,
    );
  await deps.facts.set(recalled, true, kept);
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
  await deps.queue.addReconcile(job);
}
