import { notFound, ok } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { renderWorkflow, renderWorkflowRun } from "../render/workflow.ts";
import type { Workflow, WorkflowRun } from "../state/records.ts";

/** By its number or by its file's name. */
function workflowOf({ world, repository, params }: RepositoryContext): Workflow {
  const id = params["workflow_id"] ?? "";
  const found = world.tables.workflows.find(
    (row) =>
      row.repositoryId === repository.id &&
      (String(row.id) === id || row.path.split("/").pop() === id),
  );
  if (found === undefined) throw notFound();
  return found;
}

function listRuns(
  context: RepositoryContext,
  test: (run: WorkflowRun) => boolean,
): Promise<Answer> {
  const { world, repository, request, asOf } = context;
  const { query } = request;
  const branch = query.get("branch");
  const event = query.get("event");
  const status = query.get("status");
  const sha = query.get("head_sha");
  const created = query.get("created");
  const rows = world.tables.workflowRuns
    .filter((run) => run.repositoryId === repository.id && test(run), asOf)
    .filter((run) => branch === null || run.headBranch === branch)
    .filter((run) => event === null || run.event === event)
    .filter((run) => sha === null || run.headSha === sha)
    // `status` takes a status or a conclusion.
    .filter((run) => status === null || run.status === status || run.conclusion === status)
    .filter((run) => created === null || inRange(run.createdAt, created))
    .toSorted((a, b) => b.id - a.id);
  return paginate(
    context,
    rows,
    (run) => renderWorkflowRun(world, repository, run),
    (workflow_runs, total_count) => ({ total_count, workflow_runs }),
  );
}

/** GitHub's search syntax of dates: `>=a`, `<b`, `a..b`, or one day. */
function inRange(time: string, range: string): boolean {
  const [from, to] = range.split("..");
  if (from !== undefined && to !== undefined) {
    return (from === "*" || time >= from) && (to === "*" || time <= to);
  }
  const [, sign = "", value = ""] = /^([<>]=?)?(.*)$/u.exec(range) ?? [];
  if (sign === ">=") return time >= value;
  if (sign === ">") return time > value;
  if (sign === "<=") return time <= value;
  if (sign === "<") return time < value;
  return time.startsWith(value.slice(0, 10));
}

const BASE = "/repos/{owner}/{repo}/actions";

export const actionRoutes: Route[] = [
  {
    method: "GET",
    path: `${BASE}/workflows`,
    scope: "repository",
    needs: [["actions", "read"]],
    handle: (context) => {
      const { world, repository } = context;
      const rows = world.tables.workflows.filter((row) => row.repositoryId === repository.id);
      return paginate(
        context,
        rows,
        (row) => renderWorkflow(world, repository, row),
        (workflows, total_count) => ({ total_count, workflows }),
      );
    },
  },
  {
    method: "GET",
    path: `${BASE}/workflows/{workflow_id}`,
    scope: "repository",
    needs: [["actions", "read"]],
    handle: (context) =>
      Promise.resolve(ok(renderWorkflow(context.world, context.repository, workflowOf(context)))),
  },
  {
    method: "GET",
    path: `${BASE}/workflows/{workflow_id}/runs`,
    scope: "repository",
    needs: [["actions", "read"]],
    handle: (context) => {
      const workflow = workflowOf(context);
      return listRuns(context, (run) => run.workflowId === workflow.id);
    },
  },
  {
    method: "GET",
    path: `${BASE}/runs`,
    scope: "repository",
    needs: [["actions", "read"]],
    handle: (context) => listRuns(context, () => true),
  },
  {
    method: "GET",
    path: `${BASE}/runs/{run_id}`,
    scope: "repository",
    needs: [["actions", "read"]],
    handle: async (context) => {
      const { world, repository, params, asOf } = context;
      const run = world.tables.workflowRuns.get(Number(params["run_id"]), asOf);
      if (run === undefined || run.repositoryId !== repository.id) throw notFound();
      return ok(await renderWorkflowRun(world, repository, run));
    },
  },
];
