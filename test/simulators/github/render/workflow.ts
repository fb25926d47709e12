import type { Repository, Workflow, WorkflowRun } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { renderUserById } from "./account.ts";
import { pullsOfCommit } from "./check.ts";
import { renderSimpleCommit } from "./commit.ts";
import { nodeId } from "./node-id.ts";
import { renderMinimalRepository, repositoryPage, repositoryUrl } from "./repository.ts";
import type { Schemas } from "./schemas.ts";

export function renderWorkflow(
  world: World,
  repository: Repository,
  workflow: Workflow,
): Schemas["workflow"] {
  const file = workflow.path.split("/").pop() ?? "";
  return {
    id: workflow.id,
    node_id: nodeId("W", workflow.id),
    name: workflow.name,
    path: workflow.path,
    state: "active",
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    url: `${repositoryUrl(world, repository)}/actions/workflows/${workflow.id}`,
    html_url: `${repositoryPage(world, repository)}/blob/${repository.defaultBranch}/${workflow.path}`,
    badge_url: `${repositoryPage(world, repository)}/workflows/${file}/badge.svg`,
  };
}

export async function renderWorkflowRun(
  world: World,
  repository: Repository,
  run: WorkflowRun,
): Promise<Schemas["workflow-run"]> {
  const api = repositoryUrl(world, repository);
  const url = `${api}/actions/runs/${run.id}`;
  const workflow = world.tables.workflows.need(run.workflowId);
  const commit = await world.git(repository).commitOrFail(run.headSha);
  const minimal = renderMinimalRepository(world, repository);
  return {
    id: run.id,
    name: workflow.name,
    node_id: nodeId("WFR", run.id),
    head_branch: run.headBranch,
    head_sha: run.headSha,
    path: `${workflow.path}@${run.headBranch}`,
    display_title: commit.message.split("\n")[0] ?? "",
    run_number: run.runNumber,
    run_attempt: 1,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: run.workflowId,
    check_suite_id: run.suiteId,
    check_suite_node_id: nodeId("CS", run.suiteId),
    url,
    html_url: `${repositoryPage(world, repository)}/actions/runs/${run.id}`,
    pull_requests: pullsOfCommit(world, repository, run.headSha),
    created_at: run.createdAt,
    updated_at: run.updatedAt,
    run_started_at: run.createdAt,
    actor: renderUserById(world, run.actorId),
    triggering_actor: renderUserById(world, run.actorId),
    referenced_workflows: [],
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${api}/check-suites/${run.suiteId}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${api}/actions/workflows/${run.workflowId}`,
    head_commit: renderSimpleCommit(commit),
    repository: minimal,
    head_repository: minimal,
    head_repository_id: repository.id,
  };
}
