import { sameArtifact } from "#core/artifact.ts";
import { renderSourceCheck, type SourceReport } from "#core/check-run-source.ts";
import { parseSourceRecord, renderSourceRecord, type SourceReports } from "#core/source-record.ts";
import type { RolloutAssignment, RolloutProgress } from "#core/stream-rollout.ts";
import { streamKey } from "#core/target.ts";
import type { Verdict } from "#core/verdict.ts";
import type { JobContext } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";
import { takeTurns } from "./take-turns.ts";

/** A source commit in one environment: what one check run is about. */
export type SourcePlace = {
  readonly repository: string;
  readonly revision: string;
  readonly environment: string;
};

/** One run an environment, over all services and rings that were built from this revision: the worst wins. */
export async function reportOnSource(
  deps: Deps,
  job: { installation: number; repository: string },
  context: JobContext,
  assignment: RolloutAssignment,
  progress: RolloutProgress,
  verdict: Verdict | null,
): Promise<void> {
  const { source, stream } = assignment;
  if (source === null) return;
  const { environment } = stream;
  const installation = deps.host.installation(job.installation, context.signal);
  const place: SourcePlace = { ...source, environment };
  const report: SourceReport = {
    assignment: {
      stream,
      artifact: assignment.artifact,
      commit: assignment.commit,
      ...(assignment.rings === undefined ? {} : { rings: assignment.rings }),
    },
    verdict: verdict === null ? null : { ...verdict, at: verdict.at.toISOString() },
    counts: progress.counts,
  };
  const own = `${job.repository}/${streamKey(stream)}`;
  const told = (await sourceReports(deps, job.installation, context, place)).get(own);
  if (verdict === null && isAgain(told, assignment)) return;
  const prefix = prefixOf(place);
  await deps.facts.set(`${prefix}${own}`, report, kept);
  await takeTurns(deps.facts, `source-turn/${prefix}`, own, async () => {
    const reports = await knownReports(deps, prefix);
    const rendered = renderSourceCheck({ environment, reports: [...reports.values()] });
    await installation.checkRuns(source.repository).report({
      ...rendered,
      text: renderSourceRecord(reports),
      revision: source.revision,
      name: `sluice/${environment}`,
      externalId: sourceRunId(environment),
    });
  });
}

/**
 * Is a rollout looked at again only because its verdict was forgotten? What was told then stands until there is
 * another one; somebody's `/retry` is a new beginning.
 */
function isAgain(told: SourceReport | undefined, assignment: RolloutAssignment): boolean {
  if (told === undefined || told.verdict === null || assignment.retriedAt !== null) return false;
  const { artifact, commit } = told.assignment;
  return commit === assignment.commit && sameArtifact(artifact, assignment.artifact);
}

/** The `external_id` of the run on a source commit. */
export function sourceRunId(environment: string): string {
  return `source:${environment}`;
}

const kept = { ttlMs: 30 * 24 * 60 * 60_000 };

/** What was reported on a source commit; after the facts were emptied it stands in the run itself. */
export async function sourceReports(
  deps: Deps,
  installation: number,
  context: JobContext,
  place: SourcePlace,
): Promise<SourceReports> {
  const prefix = prefixOf(place);
  const recalled = `source-recalled/${prefix}`;
  if ((await deps.facts.get(recalled)) !== null) return knownReports(deps, prefix);
  const runs = await deps.host
    .installation(installation, context.signal)
    .checkRuns(place.repository)
    .list(place.revision, `sluice/${place.environment}`);
  const [newest] = runs
    .filter((one) => one.ours && one.externalId === sourceRunId(place.environment))
    .toSorted((one, other) => other.id - one.id);
  for (const [name, report] of parseSourceRecord(newest?.text ?? ""))
    await deps.facts.update<SourceReport>(
      `${prefix}${name}`,
      (known) => (known === null ? report : undefined),
      kept,
    );
  await deps.facts.set(recalled, true, kept);
  return knownReports(deps, prefix);
}

async function knownReports(deps: Deps, prefix: string): Promise<SourceReports> {
  const found = await deps.facts.list<SourceReport>(prefix);
  return new Map([...found].map(([key, one]) => [key.slice(prefix.length), one]));
}

function prefixOf({ repository, revision, environment }: SourcePlace): string {
  return `source-report/${repository}/${revision}/${environment}/`;
}
