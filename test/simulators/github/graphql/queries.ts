import { entryAt } from "../git/trees.ts";
import { ApiError } from "../http/answer.ts";
import type { Context } from "../http/context.ts";
import { accessRepository } from "../permissions.ts";
import { nodeId } from "../render/node-id.ts";
import { repositoryPage } from "../render/repository.ts";
import { findPull, fullName } from "../state/find.ts";
import type { Repository } from "../state/records.ts";
import { fieldError } from "./errors.ts";
import { renderPull, renderQueue } from "./merge-queue.ts";

type Query = (args: never, context: Context) => unknown;

function repository({ owner, name }: { owner: string; name: string }, context: Context): unknown {
  try {
    const row = accessRepository(context.world, context.identity, { owner, repo: name }, [
      ["contents", "read"],
    ]);
    return renderRepository(context, row);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw fieldError(
      error.status === 404 ? "NOT_FOUND" : "FORBIDDEN",
      error.status === 404
        ? `Could not resolve to a Repository with the name '${owner}/${name}'.`
        : error.message,
    );
  }
}

function renderRepository(context: Context, row: Repository): Record<string, unknown> {
  const { world } = context;
  const git = world.git(row);
  const ref = (name: string): unknown => {
    const sha = git.refs.get(name, context.asOf);
    if (sha === undefined) return null;
    return {
      id: nodeId("REF", `${row.id}:${name}`),
      name: name.replace(/^refs\/(heads|tags)\//u, ""),
      prefix: name.startsWith("refs/tags/") ? "refs/tags/" : "refs/heads/",
      target: { __typename: "Commit", oid: sha, id: nodeId("C", `${row.id}:${sha}`) },
    };
  };
  return {
    id: nodeId("R", row.id),
    databaseId: row.id,
    name: row.name,
    nameWithOwner: fullName(world, row),
    isPrivate: row.private,
    url: repositoryPage(world, row),
    defaultBranchRef: () => ref(`refs/heads/${row.defaultBranch}`),
    ref: ({ qualifiedName }: { qualifiedName: string }) =>
      ref(qualifiedName.startsWith("refs/") ? qualifiedName : `refs/heads/${qualifiedName}`),
    mergeQueue: ({ branch }: { branch?: string }) =>
      renderQueue(context, row, branch ?? row.defaultBranch),
    pullRequest: ({ number }: { number: number }) => {
      const pull = findPull(world, row, number, context.asOf);
      if (pull !== undefined) return renderPull(context, pull);
      const message = `Could not resolve to a PullRequest with the number of ${number}.`;
      throw fieldError("NOT_FOUND", message);
    },
    object: ({ oid, expression }: { oid?: string; expression?: string }) =>
      gitObject(context, row, oid ?? expression ?? ""),
  };
}

/** A commit by its name, or what stands at `<commit>:<path>`. */
async function gitObject(context: Context, row: Repository, expression: string): Promise<unknown> {
  const git = context.world.git(row);
  const colon = expression.indexOf(":");
  const name = colon < 0 ? expression : expression.slice(0, colon);
  const commit = await git.resolveCommit(name, context.asOf);
  const id = (sha: string): string => nodeId("GO", `${row.id}:${sha}`);
  if (colon < 0 && commit !== undefined)
    return { __typename: "Commit", oid: commit, id: id(commit) };
  const tree = commit === undefined ? undefined : (await git.commit(commit))?.tree;
  const entry =
    tree === undefined ? undefined : await entryAt(git.objects, tree, expression.slice(colon + 1));
  if (entry === undefined) return null;
  if (entry.type !== "blob") return { __typename: "Tree", oid: entry.sha, id: id(entry.sha) };
  const data = (await git.objects.readAs(entry.sha, "blob")) ?? Buffer.alloc(0);
  return {
    __typename: "Blob",
    oid: entry.sha,
    id: id(entry.sha),
    byteSize: data.length,
    isBinary: data.includes(0),
    isTruncated: false,
    text: data.includes(0) ? null : data.toString("utf8"),
  };
}

/** One entry for each root field of a query that is simulated. */
export const queries: Record<string, Query> = {
  viewer: (_args: never, { actor }: Context) => ({ login: actor.account.login }),
  repository: repository as Query,
};
