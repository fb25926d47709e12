import { emit } from "../actions/emit.ts";
import { created, ok, unprocessable } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { pageOf, paginate } from "../http/pagination.ts";
import { renderUserById } from "../render/account.ts";
import { renderCommit } from "../render/commit.ts";
import { nodeId } from "../render/node-id.ts";
import { renderMinimalRepository, repositoryUrl } from "../render/repository.ts";
import type { Schemas } from "../render/schemas.ts";
import { fullName } from "../state/find.ts";
import type { CommitStatus } from "../state/records.ts";

const LONGEST_DESCRIPTION = 140;

function renderStatus({ world, repository }: RepositoryContext, row: CommitStatus) {
  const user = renderUserById(world, row.creatorId);
  return {
    url: `${repositoryUrl(world, repository)}/statuses/${row.sha}`,
    avatar_url: user.avatar_url,
    id: row.id,
    node_id: nodeId("SC", row.id),
    state: row.state,
    description: row.description,
    target_url: row.targetUrl,
    context: row.context,
    created_at: row.createdAt,
    updated_at: row.createdAt,
    creator: user,
  } satisfies Schemas["status"];
}

async function createStatus(context: RepositoryContext): Promise<Answer> {
  const { world, repository, git, request, params, actor } = context;
  const sha = params["sha"] ?? "";
  const body = request.body as {
    state: CommitStatus["state"];
    target_url?: string | null;
    description?: string | null;
    context?: string;
  };
  const commit = await git.commit(sha);
  if (commit === undefined) throw unprocessable(`No commit found for SHA: ${sha}`);
  if ((body.description ?? "").length > LONGEST_DESCRIPTION) {
    throw unprocessable(`description is too long (maximum is ${LONGEST_DESCRIPTION} characters)`);
  }
  const row = world.tables.statuses.insert({
    id: world.nextId("other"),
    repositoryId: repository.id,
    sha,
    state: body.state,
    context: body.context ?? "default",
    description: body.description ?? null,
    targetUrl: body.target_url ?? null,
    creatorId: actor.account.id,
    createdAt: world.date(),
  });
  emit(context, { event: "status", action: null }, repository, {
    id: row.id,
    sha,
    name: fullName(world, repository),
    avatar_url: renderUserById(world, row.creatorId).avatar_url,
    target_url: row.targetUrl,
    context: row.context,
    description: row.description,
    state: row.state,
    commit: renderCommit(world, repository, commit),
    branches: [],
    created_at: row.createdAt,
    updated_at: row.createdAt,
  });
  return created(renderStatus(context, row));
}

async function statusesOf(
  context: RepositoryContext,
): Promise<{ sha: string; rows: CommitStatus[] }> {
  const { world, repository, git, params, asOf } = context;
  const ref = params["ref"] ?? "";
  const sha = await git.resolveCommit(ref, asOf);
  if (sha === undefined) throw unprocessable(`No commit found for SHA: ${ref}`);
  const rows = world.tables.statuses
    .filter((row) => row.repositoryId === repository.id && row.sha === sha, asOf)
    .toSorted((a, b) => b.id - a.id);
  return { sha, rows };
}

async function combined(context: RepositoryContext): Promise<Answer> {
  const { world, repository } = context;
  const { sha, rows } = await statusesOf(context);
  const latest = rows.filter(
    (row, index) => rows.findIndex((other) => other.context === row.context) === index,
  );
  const url = `${repositoryUrl(world, repository)}/commits/${sha}`;
  const { page, perPage } = pageOf(context);
  return ok({
    state: combinedState(latest),
    statuses: latest
      .slice((page - 1) * perPage, page * perPage)
      .map((row) => renderStatus(context, row)) as Schemas["simple-commit-status"][],
    sha,
    total_count: latest.length,
    repository: renderMinimalRepository(world, repository),
    commit_url: url,
    url: `${url}/status`,
  } satisfies Schemas["combined-commit-status"]);
}

/** No status at all is pending, never success. */
function combinedState(latest: CommitStatus[]): string {
  if (latest.some((row) => row.state === "failure" || row.state === "error")) return "failure";
  if (latest.length === 0 || latest.some((row) => row.state === "pending")) return "pending";
  return "success";
}

export const statusRoutes: Route[] = [
  {
    method: "POST",
    path: "/repos/{owner}/{repo}/statuses/{sha}",
    scope: "repository",
    needs: [["statuses", "write"]],
    handle: createStatus,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/commits/{ref}/status",
    scope: "repository",
    needs: [
      ["statuses", "read"],
      ["contents", "read"],
    ],
    handle: combined,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/commits/{ref}/statuses",
    scope: "repository",
    needs: [
      ["statuses", "read"],
      ["contents", "read"],
    ],
    handle: async (context) =>
      paginate(context, (await statusesOf(context)).rows, (row) => renderStatus(context, row)),
  },
];
