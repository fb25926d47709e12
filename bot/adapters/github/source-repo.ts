import type { SourceRepo } from "#ports/code-host.ts";

import { readAttestations } from "./repository/attestations.ts";
import { compare } from "./repository/compare.ts";
import type { RepositoryContext } from "./repository/context.ts";
import { all } from "./repository/pages.ts";
import { readCommit, toCommit } from "./repository/read-commit.ts";
import { GitHubFault, refusedWith } from "./requests/errors.ts";

type Resolved = Awaited<ReturnType<SourceRepo["resolve"]>>;
type Runs = Awaited<ReturnType<SourceRepo["successfulRuns"]>>;

const hex = /^[0-9a-f]{4,40}$/u;

export function sourceRepo(context: RepositoryContext): SourceRepo {
  return {
    name: context.name,
    resolve: async (text) => resolve(context, text),
    compare: async (base, head) => {
      const comparison = await compare(context, base, head);
      // GitHub answers 404 for a commit, and for a repository, that it does not know.
      return comparison.status !== "unknown" || (await isVisible(context))
        ? comparison
        : { status: "not-visible" };
    },
    authors: async (revision) => readAuthors(context, revision),
    successfulRuns: async (workflow, branch, limit) =>
      successfulRuns(context, workflow, branch, limit),
    attestations: async (digest) => readAttestations(context, digest),
  };
}

async function resolve(context: RepositoryContext, text: string): Promise<Resolved> {
  const isSha = hex.test(text);
  try {
    if (text.length === 40 && isSha)
      return { kind: "found", commit: await readCommit(context, text) };
    const { data } = await context.request("GET /repos/{owner}/{repo}/commits/{ref}", {
      ...context.at,
      // `tags/` keeps a branch of the same name out.
      ref: isSha ? text : `tags/${text}`,
      per_page: 1,
    });
    // A tag or branch may be named like a short SHA; then nobody knows which was meant.
    if (isSha && !data.sha.startsWith(text)) return { kind: "ambiguous" };
    return { kind: "found", commit: toCommit(data) };
  } catch (error) {
    if (error instanceof GitHubFault && /ambiguous/iu.test(error.detail))
      return { kind: "ambiguous" };
    // A commit that is not there is a 422; 409: the repository is empty.
    if ([409, 422].some((status) => refusedWith(error, status))) return { kind: "absent" };
    if (refusedWith(error, 404)) return { kind: "not-visible" };
    throw error;
  }
}

async function isVisible(context: RepositoryContext): Promise<boolean> {
  try {
    await context.request("GET /repos/{owner}/{repo}", context.at);
    return true;
  } catch (error) {
    if (refusedWith(error, 404)) return false;
    throw error;
  }
}

/** Pull requests that are only open, or were closed, brought the commit nowhere. */
async function readAuthors(
  context: RepositoryContext,
  revision: string,
): Promise<readonly string[] | null> {
  const pulls = await pullsWith(context, revision);
  if (pulls === null) return null;
  const brought = pulls.filter(({ merged_at: mergedAt }) => mergedAt !== null);
  const logins = brought.flatMap(({ user }) => (user === null ? [] : [user.login]));
  if (logins.length > 0) return [...new Set(logins)];
  const { author } = await readCommit(context, revision);
  return author === null ? [] : [author];
}

async function pullsWith(context: RepositoryContext, revision: string) {
  const pages = all(async (page) =>
    context.request("GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls", {
      ...context.at,
      commit_sha: revision,
      per_page: 100,
      page,
    }),
  );
  try {
    return await pages;
  } catch (error) {
    if (refusedWith(error, 404)) return null;
    throw error;
  }
}

/**
 * Runs that ended well, of the repository itself: a fork's run, or one of a pull request, is no witness of an artifact.
 */
async function successfulRuns(
  context: RepositoryContext,
  workflow: string,
  branch: string,
  limit: number,
): Promise<Runs> {
  try {
    const { data } = await context.request(
      "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
      {
        ...context.at,
        workflow_id: workflow,
        branch,
        status: "success",
        exclude_pull_requests: true,
        per_page: Math.min(limit, 100),
      },
    );
    return data.workflow_runs
      .filter((run) => run.conclusion === "success" && !run.event.startsWith("pull_request"))
      .filter((run) => run.head_repository.id === run.repository.id)
      .slice(0, limit)
      .map((run) => ({ revision: run.head_sha, at: new Date(run.updated_at) }));
  } catch (error) {
    if (refusedWith(error, 404)) return [];
    throw error;
  }
}
