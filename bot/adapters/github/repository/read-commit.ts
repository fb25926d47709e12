import type { Commit } from "#ports/github-things.ts";

import { once, type RepositoryContext } from "./context.ts";

type Body = {
  readonly sha: string;
  readonly commit: {
    readonly message: string;
    readonly tree: { readonly sha: string };
    readonly committer: { readonly date?: string } | null;
  };
  readonly parents: readonly { readonly sha: string }[];
  readonly author: { readonly login?: string } | object | null;
};

const bytesOf = (commit: Commit): number => 500 + 2 * commit.message.length;

export async function readCommit(context: RepositoryContext, revision: string): Promise<Commit> {
  return once(context, `commit ${revision}`, bytesOf, async () => {
    // One file a page: the changed files come along, and nobody here reads them.
    const { data } = await context.request("GET /repos/{owner}/{repo}/commits/{ref}", {
      ...context.at,
      ref: revision,
      per_page: 1,
    });
    return toCommit(data);
  });
}

/** Seen from a full SHA, what touched a path before cannot change. */
export async function commitsTouching(
  context: RepositoryContext,
  path: string,
  from: string,
  limit: number,
): Promise<readonly Commit[]> {
  const bytes = (commits: readonly Commit[]): number =>
    commits.reduce((sum, commit) => sum + bytesOf(commit), 100);
  return once(context, `touching ${from} ${limit} ${path}`, bytes, async () => {
    const { data } = await context.request("GET /repos/{owner}/{repo}/commits", {
      ...context.at,
      sha: from,
      path,
      per_page: Math.min(limit, 100),
    });
    return data.slice(0, limit).map(toCommit);
  });
}

export function toCommit(body: Body): Commit {
  const { author, commit } = body;
  return {
    revision: body.sha,
    tree: commit.tree.sha,
    parents: body.parents.map((parent) => parent.sha),
    message: commit.message,
    author: author !== null && "login" in author ? (author.login ?? null) : null,
    at: new Date(commit.committer?.date ?? 0),
  };
}
