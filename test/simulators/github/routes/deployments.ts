import { emit } from "../actions/emit.ts";
import { created, notFound, ok, unprocessable, validationFailed } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { renderAppOrNull, renderUserById } from "../render/account.ts";
import { nodeId } from "../render/node-id.ts";
import { repositoryUrl } from "../render/repository.ts";
import type { Schemas } from "../render/schemas.ts";
import type { Deployment, DeploymentStatus } from "../state/deployments.ts";

const LONGEST_DESCRIPTION = 140;

function renderDeployment(
  { world, repository }: RepositoryContext,
  row: Deployment,
): Schemas["deployment"] {
  const url = `${repositoryUrl(world, repository)}/deployments/${row.id}`;
  return {
    id: row.id,
    node_id: nodeId("DE", row.id),
    url,
    sha: row.sha,
    ref: row.ref,
    task: row.task,
    payload: row.payload,
    original_environment: row.environment,
    environment: row.environment,
    description: row.description,
    creator: renderUserById(world, row.creatorId),
    created_at: row.createdAt,
    updated_at: row.updatedAt,
    statuses_url: `${url}/statuses`,
    repository_url: repositoryUrl(world, repository),
    transient_environment: row.transient,
    production_environment: row.production,
    performed_via_github_app: renderAppOrNull(world, row.appId),
  };
}

function renderStatus(
  { world, repository }: RepositoryContext,
  row: DeploymentStatus,
): Schemas["deployment-status"] {
  const deployment = `${repositoryUrl(world, repository)}/deployments/${row.deploymentId}`;
  return {
    id: row.id,
    node_id: nodeId("DES", row.id),
    url: `${deployment}/statuses/${row.id}`,
    state: row.state,
    creator: renderUserById(world, row.creatorId),
    description: row.description,
    environment: row.environment,
    // GitHub leaves it empty where nobody set it, which its own description calls no URI.
    target_url: row.logUrl === "" ? deployment : row.logUrl,
    ...(row.logUrl === "" ? {} : { log_url: row.logUrl }),
    ...(row.environmentUrl === "" ? {} : { environment_url: row.environmentUrl }),
    created_at: row.createdAt,
    updated_at: row.createdAt,
    deployment_url: deployment,
    repository_url: repositoryUrl(world, repository),
    performed_via_github_app: renderAppOrNull(world, row.appId),
  };
}

type NewDeployment = {
  ref: string;
  task?: string;
  auto_merge?: boolean;
  required_contexts?: string[] | null;
  payload?: Record<string, unknown> | string;
  environment?: string;
  description?: string | null;
  transient_environment?: boolean;
  production_environment?: boolean;
};

function checkLength(resource: string, description: string | null | undefined): void {
  if ((description ?? "").length <= LONGEST_DESCRIPTION) return;
  const message = `description is too long (maximum is ${LONGEST_DESCRIPTION} characters)`;
  throw validationFailed({ resource, code: "custom", field: "description", message });
}

async function create(context: RepositoryContext): Promise<Answer> {
  const { world, repository, git, request, actor } = context;
  const body = request.body as NewDeployment;
  const sha = await git.resolveCommit(body.ref);
  if (sha === undefined) throw unprocessable(`No ref found for: ${body.ref}`);
  checkLength("Deployment", body.description);
  // Both defaults do more than a client may want; here nobody may rely on them.
  if (body.auto_merge !== false || body.required_contexts?.length !== 0)
    throw unprocessable("this simulator neither merges nor waits for contexts: say so");
  const environment = body.environment ?? "production";
  const row = world.tables.deployments.insert({
    id: world.nextId("other"),
    repositoryId: repository.id,
    sha,
    ref: body.ref,
    task: body.task ?? "deploy",
    environment,
    description: body.description ?? null,
    payload: body.payload ?? "",
    creatorId: actor.account.id,
    appId: actor.app?.id ?? null,
    transient: body.transient_environment ?? false,
    production: body.production_environment ?? environment === "production",
    createdAt: world.date(),
    updatedAt: world.date(),
  });
  const deployment = renderDeployment(context, row);
  emit(context, { event: "deployment", action: "created" }, repository, {
    deployment,
    workflow: null,
    workflow_run: null,
  });
  return created(deployment);
}

function deploymentOf({ world, repository, params, asOf }: RepositoryContext): Deployment {
  const row = world.tables.deployments.get(Number(params["deployment_id"]), asOf);
  if (row === undefined || row.repositoryId !== repository.id) throw notFound();
  return row;
}

/** Newest first. */
function list(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request, asOf } = context;
  const wanted = (name: "sha" | "ref" | "task" | "environment", value: string) => {
    const asked = request.query.get(name) ?? "none";
    return asked === "none" || asked === value;
  };
  const rows = world.tables.deployments
    .filter((row) => row.repositoryId === repository.id, asOf)
    .filter(
      (row) =>
        wanted("sha", row.sha) &&
        wanted("ref", row.ref) &&
        wanted("task", row.task) &&
        wanted("environment", row.environment),
    )
    .toSorted((a, b) => b.id - a.id);
  return paginate(context, rows, (row) => renderDeployment(context, row));
}

function createStatus(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request, actor } = context;
  const deployment = deploymentOf(context);
  const body = request.body as {
    state: DeploymentStatus["state"];
    description?: string;
    environment?: string;
    environment_url?: string;
    log_url?: string;
    auto_inactive?: boolean;
  };
  checkLength("DeploymentStatus", body.description);
  const row = world.tables.deploymentStatuses.insert({
    id: world.nextId("other"),
    deploymentId: deployment.id,
    state: body.state,
    description: body.description ?? "",
    environment: body.environment ?? deployment.environment,
    environmentUrl: body.environment_url ?? "",
    logUrl: body.log_url ?? "",
    creatorId: actor.account.id,
    appId: actor.app?.id ?? null,
    createdAt: world.date(),
  });
  world.tables.deployments.update(deployment.id, { updatedAt: world.date() });
  if (body.auto_inactive !== false && body.state === "success") retire(context, deployment);
  const deployment_status = renderStatus(context, row);
  emit(context, { event: "deployment_status", action: "created" }, repository, {
    deployment_status,
    deployment: renderDeployment(context, deployment),
    workflow: null,
    workflow_run: null,
  });
  return Promise.resolve(created(deployment_status));
}

/** A success makes the others of its environment inactive, unless it is told not to. */
function retire({ world, actor }: RepositoryContext, deployment: Deployment): void {
  const { deployments, deploymentStatuses } = world.tables;
  const others = deployments.filter(
    (row) =>
      row.repositoryId === deployment.repositoryId &&
      row.environment === deployment.environment &&
      row.id !== deployment.id &&
      !row.transient &&
      !row.production,
  );
  for (const { id, environment } of others)
    deploymentStatuses.insert({
      id: world.nextId("other"),
      deploymentId: id,
      state: "inactive",
      description: "",
      environment,
      environmentUrl: "",
      logUrl: "",
      creatorId: actor.account.id,
      appId: null,
      createdAt: world.date(),
    });
}

const BASE = "/repos/{owner}/{repo}/deployments";
const ONE = `${BASE}/{deployment_id}`;

export const deploymentRoutes: Route[] = [
  {
    method: "POST",
    path: BASE,
    content: true,
    scope: "repository",
    needs: [["deployments", "write"]],
    handle: create,
  },
  {
    method: "GET",
    path: BASE,
    scope: "repository",
    needs: [["deployments", "read"]],
    handle: list,
  },
  {
    method: "GET",
    path: ONE,
    scope: "repository",
    needs: [["deployments", "read"]],
    handle: (context) => Promise.resolve(ok(renderDeployment(context, deploymentOf(context)))),
  },
  {
    method: "POST",
    path: `${ONE}/statuses`,
    scope: "repository",
    needs: [["deployments", "write"]],
    handle: createStatus,
  },
  {
    method: "GET",
    path: `${ONE}/statuses`,
    scope: "repository",
    needs: [["deployments", "read"]],
    handle: (context) => {
      const deployment = deploymentOf(context);
      const rows = context.world.tables.deploymentStatuses
        .filter((row) => row.deploymentId === deployment.id, context.asOf)
        .toSorted((a, b) => b.id - a.id);
      return paginate(context, rows, (row) => renderStatus(context, row));
    },
  },
];
