import type { CheckRun, CheckSuite, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { renderApp } from "./account.ts";
import { renderSimpleCommit } from "./commit.ts";
import { nodeId } from "./node-id.ts";
import { renderMinimalRepository, repositoryPage, repositoryUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

/** Open pull requests of this repository whose head is the commit. */
export function pullsOfCommit(
  world: World,
  repository: Repository,
  sha: string,
): Schemas["pull-request-minimal"][] {
  const minimal = (row: Repository) => ({
    id: row.id,
    url: repositoryUrl(world, row),
    name: row.name,
  });
  return world.tables.pulls
    .filter((pull) => pull.repositoryId === repository.id && pull.headSha === sha)
    .filter((pull) => world.tables.issues.need(pull.issueId).state === "open")
    .filter((pull) => pull.headRepositoryId === repository.id)
    .map((pull) => ({
      id: pull.id,
      number: pull.number,
      url: `${repositoryUrl(world, repository)}/pulls/${pull.number}`,
      head: { ref: pull.headRef, sha: pull.headSha, repo: minimal(repository) },
      base: { ref: pull.baseRef, sha: pull.baseSha, repo: minimal(repository) },
    }));
}

export function renderCheckRun(
  world: World,
  repository: Repository,
  run: CheckRun,
): Schemas["check-run"] {
  const url = `${repositoryUrl(world, repository)}/check-runs/${run.id}`;
  const page = `${repositoryPage(world, repository)}/runs/${run.id}`;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId("CR", run.id),
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: page,
    details_url: run.detailsUrl ?? page,
    status: run.status,
    conclusion: run.conclusion as Schemas["check-run"]["conclusion"],
    started_at: run.startedAt,
    completed_at: run.completedAt,
    output: {
      title: run.title,
      summary: run.summary,
      text: run.text,
      annotations_count: run.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: renderApp(world, world.tables.apps.need(run.appId)),
    pull_requests: pullsOfCommit(world, repository, run.headSha),
  };
}

const BAD = ["failure", "timed_out", "cancelled", "action_required", "stale"];

/** A suite's state is that of its latest runs, one a name. */
export function suiteState(
  world: World,
  suite: CheckSuite,
): { status: CheckRun["status"]; conclusion: CheckRun["conclusion"]; runs: CheckRun[] } {
  const latest = new Map<string, CheckRun>();
  for (const run of world.tables.checkRuns.filter((row) => row.suiteId === suite.id)) {
    latest.set(run.name, run);
  }
  const runs = [...latest.values()];
  if (runs.length === 0) return { status: "queued", conclusion: null, runs };
  if (runs.some((run) => run.status !== "completed")) {
    const started = runs.some((run) => run.status !== "queued");
    return { status: started ? "in_progress" : "queued", conclusion: null, runs };
  }
  const worst = BAD.find((bad) => runs.some((run) => run.conclusion === bad));
  const conclusion = (worst ?? runs[0]?.conclusion ?? "success") as CheckRun["conclusion"];
  return { status: "completed", conclusion, runs };
}

export async function renderCheckSuite(
  world: World,
  repository: Repository,
  suite: CheckSuite,
): Promise<Schemas["check-suite"]> {
  const url = `${repositoryUrl(world, repository)}/check-suites/${suite.id}`;
  const state = suiteState(world, suite);
  const commit = await world.git(repository).commitOrFail(suite.headSha);
  return {
    id: suite.id,
    node_id: nodeId("CS", suite.id),
    head_branch: suite.headBranch,
    head_sha: suite.headSha,
    status: state.status,
    conclusion: state.conclusion as Schemas["check-suite"]["conclusion"],
    url,
    before: suite.before,
    after: suite.headSha,
    pull_requests: pullsOfCommit(world, repository, suite.headSha),
    app: renderApp(world, world.tables.apps.need(suite.appId)),
    repository: renderMinimalRepository(world, repository),
    created_at: suite.createdAt,
    updated_at: suite.updatedAt,
    head_commit: renderSimpleCommit(commit),
    latest_check_runs_count: state.runs.length,
    check_runs_url: `${url}/check-runs`,
    rerequestable: suite.rerequestable,
    runs_rerequestable: suite.rerequestable,
  };
}
