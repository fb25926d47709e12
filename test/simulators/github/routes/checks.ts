import {
  concludeStaleRuns,
  createCheckRun,
  rerequestRun,
  updateCheckRun,
} from "../actions/checks.ts";
import type { CheckBody } from "../actions/checks.ts";
import { suiteOf, tellSuite } from "../actions/suites.ts";
import { ApiError, created, forbidden, notFound, ok, unprocessable } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { renderCheckRun, renderCheckSuite } from "../render/check.ts";
import { repositoryPage } from "../render/repository.ts";
import type { App, CheckRun, CheckSuite } from "../state/records.ts";

function runOf({ world, repository, params, asOf }: RepositoryContext): CheckRun {
  const run = world.tables.checkRuns.get(Number(params["check_run_id"]), asOf);
  if (run === undefined || run.repositoryId !== repository.id) throw notFound();
  return run;
}

function suiteOfPath({ world, repository, params, asOf }: RepositoryContext): CheckSuite {
  const suite = world.tables.checkSuites.get(Number(params["check_suite_id"]), asOf);
  if (suite === undefined || suite.repositoryId !== repository.id) throw notFound();
  return suite;
}

/** Check runs belong to Apps; a person's token may read them, not write them. */
function appOf({ actor }: RepositoryContext): App {
  if (actor.app === null) throw new ApiError(403, "You must authenticate via a GitHub App.");
  return actor.app;
}

async function update(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request } = context;
  const run = runOf(context);
  if (run.appId !== appOf(context).id) {
    throw new ApiError(
      403,
      "Invalid app_id `" +
        String(run.appId) +
        "` - check run can only be modified by the GitHub App that created it.",
    );
  }
  const updated = await updateCheckRun(context, repository, run, request.body as CheckBody);
  return ok(renderCheckRun(world, repository, updated));
}

async function headOf({ git, params, asOf }: RepositoryContext): Promise<string> {
  const ref = params["ref"] ?? "";
  const sha = await git.resolveCommit(ref, asOf);
  if (sha === undefined) throw unprocessable(`No commit found for SHA: ${ref}`);
  return sha;
}

/** Filters of the two lists of runs; `latest` keeps the newest of each name within its suite. */
function listRuns(context: RepositoryContext, rows: CheckRun[]): Promise<Answer> {
  const { world, repository, request } = context;
  const { query } = request;
  const name = query.get("check_name");
  const status = query.get("status");
  const appId = query.get("app_id");
  let wanted = rows
    .filter((run) => name === null || run.name === name)
    .filter((run) => appId === null || run.appId === Number(appId))
    .toSorted((a, b) => b.id - a.id);
  if ((query.get("filter") ?? "latest") === "latest") {
    const seen = new Set<string>();
    wanted = wanted.filter((run) => {
      const key = `${run.suiteId} ${run.name}`;
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }
  wanted = wanted.filter((run) => status === null || run.status === status);
  return paginate(
    context,
    wanted,
    (run) => renderCheckRun(world, repository, run),
    (check_runs, total_count) => ({ total_count, check_runs }),
  );
}

async function listRunsOfRef(context: RepositoryContext): Promise<Answer> {
  const { world, repository, asOf } = context;
  concludeStaleRuns(context);
  const sha = await headOf(context);
  const rows = world.tables.checkRuns.filter(
    (run) => run.repositoryId === repository.id && run.headSha === sha,
    asOf,
  );
  return listRuns(context, rows);
}

async function listSuitesOfRef(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request, asOf } = context;
  const sha = await headOf(context);
  const appId = request.query.get("app_id");
  const suites = world.tables.checkSuites
    .filter((row) => row.repositoryId === repository.id && row.headSha === sha, asOf)
    .filter((row) => appId === null || row.appId === Number(appId));
  return paginate(
    context,
    suites,
    (row) => renderCheckSuite(world, repository, row),
    (check_suites, total_count) => ({ total_count, check_suites }),
  );
}

async function createSuite(context: RepositoryContext): Promise<Answer> {
  const { world, repository, git, request } = context;
  const app = appOf(context);
  const sha = String(request.body["head_sha"]);
  if ((await git.commit(sha)) === undefined) throw unprocessable(`No commit found for SHA: ${sha}`);
  const known = world.tables.checkSuites.find(
    (row) => row.repositoryId === repository.id && row.appId === app.id && row.headSha === sha,
  );
  const suite = suiteOf(context, repository, app.id, sha);
  const body = await renderCheckSuite(world, repository, suite);
  return known === undefined ? created(body) : ok(body);
}

const BASE = "/repos/{owner}/{repo}";

export const checkRoutes: Route[] = [
  {
    method: "POST",
    path: `${BASE}/check-runs`,
    scope: "repository",
    needs: [["checks", "write"]],
    handle: async (context) => {
      const { world, repository, request } = context;
      const app = appOf(context);
      const run = await createCheckRun(context, repository, app.id, request.body as CheckBody);
      return created(renderCheckRun(world, repository, run));
    },
  },
  {
    method: "GET",
    path: `${BASE}/check-runs/{check_run_id}`,
    scope: "repository",
    needs: [["checks", "read"]],
    handle: (context) =>
      Promise.resolve(ok(renderCheckRun(context.world, context.repository, runOf(context)))),
  },
  {
    method: "PATCH",
    path: `${BASE}/check-runs/{check_run_id}`,
    scope: "repository",
    needs: [["checks", "write"]],
    handle: update,
  },
  {
    method: "GET",
    path: `${BASE}/check-runs/{check_run_id}/annotations`,
    scope: "repository",
    needs: [["checks", "read"]],
    handle: (context) => {
      const run = runOf(context);
      const page = repositoryPage(context.world, context.repository);
      return paginate(context, run.annotations, (annotation) => ({
        ...annotation,
        blob_href: `${page}/blob/${run.headSha}/${annotation.path}`,
      }));
    },
  },
  {
    method: "POST",
    path: `${BASE}/check-runs/{check_run_id}/rerequest`,
    scope: "repository",
    needs: [["checks", "write"]],
    handle: async (context) => {
      const run = runOf(context);
      if (run.appId !== appOf(context).id) throw forbidden();
      await rerequestRun(context, context.repository, run);
      return { status: 201, body: {} };
    },
  },
  {
    method: "GET",
    path: `${BASE}/commits/{ref}/check-runs`,
    scope: "repository",
    needs: [["checks", "read"]],
    handle: listRunsOfRef,
  },
  {
    method: "GET",
    path: `${BASE}/commits/{ref}/check-suites`,
    scope: "repository",
    needs: [["checks", "read"]],
    handle: listSuitesOfRef,
  },
  {
    method: "POST",
    path: `${BASE}/check-suites`,
    scope: "repository",
    needs: [["checks", "write"]],
    handle: createSuite,
  },
  {
    method: "GET",
    path: `${BASE}/check-suites/{check_suite_id}`,
    scope: "repository",
    needs: [["checks", "read"]],
    handle: async (context) =>
      ok(await renderCheckSuite(context.world, context.repository, suiteOfPath(context))),
  },
  {
    method: "GET",
    path: `${BASE}/check-suites/{check_suite_id}/check-runs`,
    scope: "repository",
    needs: [["checks", "read"]],
    handle: (context) => {
      const suite = suiteOfPath(context);
      const runs = context.world.tables.checkRuns.filter((run) => run.suiteId === suite.id);
      return listRuns(context, runs);
    },
  },
  {
    method: "POST",
    path: `${BASE}/check-suites/{check_suite_id}/rerequest`,
    scope: "repository",
    needs: [["checks", "write"]],
    handle: async (context) => {
      const suite = suiteOfPath(context);
      if (suite.appId !== appOf(context).id) throw forbidden();
      await tellSuite(context, context.repository, suite, "rerequested", suite.appId);
      return { status: 201, body: {} };
    },
  },
];
