import { ApiError, unprocessable, validationFailed } from "../http/answer.ts";
import type { FieldError } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import { renderCheckRun, renderCheckSuite, suiteState } from "../render/check.ts";
import type {
  Annotation,
  CheckAction,
  CheckConclusion,
  CheckRun,
  CheckStatus,
  Repository,
} from "../state/records.ts";
import { emit } from "./emit.ts";
import { suiteOf, tellSuite } from "./suites.ts";

/** The request body of a check run, as its schema has let it through. */
export type CheckBody = {
  name?: string;
  head_sha?: string;
  details_url?: string;
  external_id?: string;
  status?: CheckStatus;
  started_at?: string;
  conclusion?: CheckConclusion;
  completed_at?: string;
  output?: {
    title?: string;
    summary?: string;
    text?: string;
    annotations?: (Partial<Annotation> & Pick<Annotation, "path" | "start_line" | "end_line">)[];
  };
  actions?: CheckAction[];
};

/** GitHub counts bytes here, whatever its documentation says of characters. */
const LONGEST_TEXT = 65_535;
const MOST_RUNS_OF_A_NAME = 1_000;
const STALE_AFTER = 14 * 24 * 3_600_000;

export async function createCheckRun(
  work: Work,
  repository: Repository,
  appId: number,
  body: CheckBody,
): Promise<CheckRun> {
  const { world } = work;
  const headSha = body.head_sha ?? "";
  if ((await world.git(repository).commit(headSha)) === undefined) {
    throw unprocessable(`No commit found for SHA: ${headSha}`);
  }
  checkBody(body, undefined);
  const suite = suiteOf(work, repository, appId, headSha);
  const now = world.date();
  const state = stateOf(body, undefined, now);
  const run = world.tables.checkRuns.insert({
    id: world.nextId("check"),
    repositoryId: repository.id,
    suiteId: suite.id,
    appId,
    headSha,
    name: body.name ?? "",
    externalId: body.external_id ?? "",
    detailsUrl: body.details_url ?? null,
    startedAt: body.started_at ?? now,
    title: body.output?.title ?? null,
    summary: body.output?.summary ?? null,
    text: body.output?.text ?? null,
    annotations: (body.output?.annotations ?? []).map(annotationOf),
    actions: body.actions ?? [],
    createdAt: now,
    ...state,
  });
  dropOldest(work, run);
  await tellRun(work, repository, run, "created");
  if (run.status === "completed") await tellCompletion(work, repository, run);
  return run;
}

export async function updateCheckRun(
  work: Work,
  repository: Repository,
  run: CheckRun,
  body: CheckBody,
): Promise<CheckRun> {
  const { world } = work;
  checkBody(body, run);
  const { output } = body;
  const updated = world.tables.checkRuns.update(run.id, {
    ...stateOf(body, run, world.date()),
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.details_url === undefined ? {} : { detailsUrl: body.details_url }),
    ...(body.external_id === undefined ? {} : { externalId: body.external_id }),
    ...(body.started_at === undefined ? {} : { startedAt: body.started_at }),
    ...(body.actions === undefined ? {} : { actions: body.actions }),
    ...(output === undefined
      ? {}
      : {
          title: output.title ?? run.title,
          summary: output.summary ?? run.summary,
          text: output.text ?? run.text,
          // Annotations are added to those already there.
          annotations: [...run.annotations, ...(output.annotations ?? []).map(annotationOf)],
        }),
  });
  world.tables.checkSuites.update(run.suiteId, { updatedAt: world.date() });
  if (updated.status === "completed" && run.status !== "completed") {
    await tellCompletion(work, repository, updated);
  }
  return updated;
}

function checkBody(body: CheckBody, run: CheckRun | undefined): void {
  const completes = body.status === "completed" || body.completed_at !== undefined;
  if (completes && body.conclusion === undefined && run?.conclusion == null) {
    throw unprocessable(`Invalid request.\n\n"conclusion" wasn't supplied.`);
  }
  if (body.conclusion === "stale") {
    throw unprocessable("Invalid request.\n\nOnly GitHub can set the conclusion to stale.");
  }
  const errors: FieldError[] = [];
  for (const field of ["summary", "text"] as const) {
    const bytes = Buffer.byteLength(body.output?.[field] ?? "");
    if (bytes <= LONGEST_TEXT) continue;
    const message = `${field} exceeds a maximum bytesize of ${LONGEST_TEXT}`;
    errors.push({ resource: "CheckRun", code: "custom", field, message });
  }
  for (const annotation of body.output?.annotations ?? []) {
    const columns = annotation.start_column ?? annotation.end_column;
    const across = annotation.start_line !== annotation.end_line;
    if (columns !== undefined && columns !== null && across) {
      const message = "start_column and end_column need start_line and end_line to be the same";
      errors.push({ resource: "CheckAnnotation", code: "custom", field: "start_column", message });
    }
  }
  if (errors.length > 0) throw validationFailed(...errors);
}

function stateOf(
  body: CheckBody,
  run: CheckRun | undefined,
  now: string,
): Pick<CheckRun, "status" | "conclusion" | "completedAt"> {
  // A conclusion completes the run, whatever status comes with it.
  if (body.conclusion !== undefined) {
    return {
      status: "completed",
      conclusion: body.conclusion,
      completedAt: body.completed_at ?? now,
    };
  }
  const status = body.status ?? run?.status ?? "queued";
  if (status === "completed") {
    return {
      status,
      conclusion: run?.conclusion ?? null,
      completedAt: body.completed_at ?? run?.completedAt ?? now,
    };
  }
  return { status, conclusion: null, completedAt: null };
}

function annotationOf(
  annotation: NonNullable<NonNullable<CheckBody["output"]>["annotations"]>[number],
): Annotation {
  return {
    path: annotation.path,
    start_line: annotation.start_line,
    end_line: annotation.end_line,
    start_column: annotation.start_column ?? null,
    end_column: annotation.end_column ?? null,
    annotation_level: annotation.annotation_level ?? null,
    message: annotation.message ?? null,
    title: annotation.title ?? null,
    raw_details: annotation.raw_details ?? null,
  };
}

function dropOldest({ world }: Work, run: CheckRun): void {
  const same = world.tables.checkRuns.filter(
    (row) => row.suiteId === run.suiteId && row.name === run.name,
  );
  const [oldest] = same;
  if (same.length > MOST_RUNS_OF_A_NAME && oldest) world.tables.checkRuns.delete(oldest.id);
}

/** GitHub concludes what was left incomplete for 14 days. */
export function concludeStaleRuns({ world }: Pick<Work, "world">): void {
  for (const run of world.tables.checkRuns.filter((row) => row.status !== "completed")) {
    if (Date.parse(run.createdAt) + STALE_AFTER > world.now()) continue;
    world.tables.checkRuns.update(run.id, {
      status: "completed",
      conclusion: "stale",
      completedAt: world.date(),
    });
  }
}

export async function tellRun(
  work: Work,
  repository: Repository,
  run: CheckRun,
  action: "created" | "completed" | "rerequested" | "requested_action",
  extra: Record<string, unknown> = {},
): Promise<void> {
  const suite = work.world.tables.checkSuites.need(run.suiteId);
  const {
    repository: _repository,
    head_commit: _commit,
    latest_check_runs_count: _count,
    check_runs_url: _runs,
    rerequestable: _rerequestable,
    runs_rerequestable: _runsRerequestable,
    ...rendered
  } = await renderCheckSuite(work.world, repository, suite);
  const owned = action === "rerequested" || action === "requested_action";
  const name = { event: "check_run", action, ...(owned ? { onlyApp: run.appId } : {}) };
  emit(work, name, repository, {
    check_run: { ...renderCheckRun(work.world, repository, run), check_suite: rendered },
    ...extra,
  });
}

async function tellCompletion(work: Work, repository: Repository, run: CheckRun): Promise<void> {
  await tellRun(work, repository, run, "completed");
  const suite = work.world.tables.checkSuites.need(run.suiteId);
  if (suiteState(work.world, suite).status === "completed") {
    await tellSuite(work, repository, suite, "completed");
  }
}

/** A person asks for a run once more: the App hears of it, the run itself stays as it is. */
export async function rerequestRun(
  work: Work,
  repository: Repository,
  run: CheckRun,
): Promise<void> {
  if (run.status !== "completed") {
    throw new ApiError(422, "This check run is not rerequestable");
  }
  await tellRun(work, repository, run, "rerequested");
}
