import type { CheckReport } from "#ports/code-host.ts";
import type { CheckRun } from "#ports/github-things.ts";

import type { RepositoryContext } from "../repository/context.ts";
import { isUnknownOutcome, refusedWith } from "../requests/errors.ts";
import {
  annotationsOfOneRequest,
  bodyOf,
  bounded,
  fingerprint,
  sameAs,
} from "./check-run-request.ts";
import { listCheckRuns } from "./list-check-runs.ts";
import { type CheckBody, toCheckRun } from "./to-check-run.ts";

/** What the facts remember of a run of ours: enough to update it, or to leave it alone, without reading it. */
type Known = {
  readonly id: number;
  readonly says: string;
  readonly completed: boolean;
  /** Annotations that were sent. */
  readonly annotated: number;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
};

const day = 24 * 3_600_000;
/** GitHub makes a run that is not completed `stale` after 14 days: before day 13 a new one takes its place. */
const renewedAfter = 12.5 * day;
const remembered = { ttlMs: 14 * day };

/** Creates or updates the run with this name and external id; see the port for the rules. */
export async function reportCheckRun(
  context: RepositoryContext,
  wanted: CheckReport,
): Promise<CheckRun> {
  const report = bounded(wanted);
  const known = await context.facts.get<Known>(keyOf(context, report));
  if (known === null) return find(context, report);
  if (!known.completed && isOld(context, known.startedAt))
    return renew(context, report, [known.id]);
  if (known.says === fingerprint(report)) return fromKnown(report, known);
  if (known.completed) return create(context, report);
  try {
    return await update(context, report, known.id, known.annotated);
  } catch (error) {
    if (isUnknownOutcome(error) || refusedWith(error, 404) || refusedWith(error, 422)) {
      await context.facts.delete([keyOf(context, report)]);
      return find(context, report);
    }
    throw error;
  }
}

/** Forgets what the completed run says: whatever is reported next differs from it. */
export async function renewCheckRun(
  context: RepositoryContext,
  run: Pick<CheckReport, "revision" | "name" | "externalId">,
): Promise<void> {
  const known: Known = {
    id: 0,
    says: "",
    completed: true,
    annotated: 0,
    startedAt: null,
    completedAt: null,
  };
  await context.facts.set(keyOf(context, run), known, remembered);
}

async function find(context: RepositoryContext, report: CheckReport): Promise<CheckRun> {
  const listed = await listCheckRuns(context, report.revision, { name: report.name, ours: true });
  const [newest, ...older] = listed.filter((run) => run.external_id === report.externalId);
  if (newest === undefined) return create(context, report);
  const open = [newest, ...older].filter((run) => run.status !== "completed");
  const young = open.filter((run) => !isOld(context, run.started_at));
  const kept = young.at(-1) ?? (newest.status === "completed" ? newest : null);
  const doubles = open.filter((run) => run !== kept).map((run) => Number(run.id));
  if (kept === null) return renew(context, report, doubles);
  for (const double of doubles) await setAside(context, double, report.externalId);
  const run = toCheckRun(kept, context.appId);
  const annotated = kept.output.annotations_count;
  if (sameAs(report, run) && annotated >= (report.annotations ?? []).length) {
    await remember(context, report, run);
    return run;
  }
  if (run.status === "completed") return create(context, report);
  try {
    return await update(context, report, run.id, annotated);
  } catch (error) {
    if (refusedWith(error, 404)) return create(context, report);
    throw error;
  }
}

/** What has been open for so long that GitHub would soon call it stale gives way to a new run. */
async function renew(
  context: RepositoryContext,
  report: CheckReport,
  old: readonly number[],
): Promise<CheckRun> {
  const renewed = await create(context, report);
  for (const id of old) await setAside(context, id, report.externalId);
  return renewed;
}

async function create(context: RepositoryContext, report: CheckReport): Promise<CheckRun> {
  let body: CheckBody;
  try {
    const answer = await context.request("POST /repos/{owner}/{repo}/check-runs", {
      ...context.at,
      name: report.name,
      head_sha: report.revision,
      ...bodyOf(report, 0),
    });
    body = answer.data;
  } catch (error) {
    if (!isUnknownOutcome(error)) throw error;
    const listed = await listCheckRuns(context, report.revision, { name: report.name, ours: true });
    const mine = listed.find(
      (run) =>
        run.external_id === report.externalId && sameAs(report, toCheckRun(run, context.appId)),
    );
    if (mine === undefined) throw error;
    body = mine;
  }
  const run = toCheckRun(body, context.appId);
  await annotate(context, report, run.id, annotationsOfOneRequest());
  await remember(context, report, run);
  return run;
}

async function update(
  context: RepositoryContext,
  report: CheckReport,
  id: number,
  annotated: number,
): Promise<CheckRun> {
  const { data } = await context.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
    ...context.at,
    check_run_id: id,
    ...bodyOf(report, annotated),
  });
  await annotate(context, report, id, annotated + annotationsOfOneRequest());
  const run = toCheckRun(data, context.appId);
  await remember(context, report, run);
  return run;
}

/** Every update adds its annotations to those that are there. */
async function annotate(
  context: RepositoryContext,
  report: CheckReport,
  id: number,
  from: number,
): Promise<void> {
  const count = (report.annotations ?? []).length;
  for (let skip = from; skip < count; skip += annotationsOfOneRequest()) {
    await context.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
      ...context.at,
      check_run_id: id,
      ...bodyOf(report, skip),
    });
  }
}

/**
 * Two open runs of one name and id come from two workers at once, or from a renewal. One stays, the other says nothing.
 */
async function setAside(context: RepositoryContext, id: number, externalId: string): Promise<void> {
  await context.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
    ...context.at,
    check_run_id: id,
    external_id: `double:${externalId}`,
    status: "completed",
    conclusion: "neutral",
  });
}

function isOld({ clock }: RepositoryContext, startedAt: string | null): boolean {
  return startedAt !== null && clock.now().getTime() - Date.parse(startedAt) > renewedAfter;
}

async function remember(
  context: RepositoryContext,
  report: CheckReport,
  run: CheckRun,
): Promise<void> {
  const known: Known = {
    id: run.id,
    says: fingerprint(report),
    completed: run.status === "completed",
    annotated: report.annotations?.length ?? 0,
    startedAt: run.startedAt?.toISOString() ?? null,
    completedAt: run.completedAt?.toISOString() ?? null,
  };
  await context.facts.set(keyOf(context, report), known, remembered);
}

function fromKnown(report: CheckReport, known: Known): CheckRun {
  const { annotations: _, ...said } = report;
  return {
    ...said,
    id: known.id,
    startedAt: known.startedAt === null ? null : new Date(known.startedAt),
    completedAt: known.completedAt === null ? null : new Date(known.completedAt),
    ours: true,
  };
}

function keyOf(
  context: RepositoryContext,
  report: Pick<CheckReport, "revision" | "name" | "externalId">,
): string {
  const { revision, name, externalId } = report;
  const place = `${context.installation}/${context.name.toLowerCase()}`;
  return `check-run/${place}/${revision}/${name}/${externalId}`;
}
