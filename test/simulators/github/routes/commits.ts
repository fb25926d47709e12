import { diffText } from "../git/diff.ts";
import { ApiError, notFound, ok, unprocessable } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { pageOf, paginate } from "../http/pagination.ts";
import { renderCommit, renderFile } from "../render/commit.ts";
import { renderPullSimple } from "../render/pull.ts";
import { repositoryPage, repositoryUrl } from "../render/repository.ts";
import type { Schemas } from "../render/schemas.ts";

/** A comparison and a commit show no more files than this. */
const MOST_FILES = 300;
const MOST_COMMITS = 250;

function accepts(context: RepositoryContext, kind: "sha" | "diff" | "patch"): boolean {
  const pattern = new RegExp(`vnd\\.github(?:\\.v3)?\\.${kind}\\b`, "u");
  return pattern.test(context.request.headers.accept ?? "");
}

function text(data: string, kind: string): Answer {
  const type = `application/vnd.github.${kind}; charset=utf-8`;
  return { status: 200, raw: { type, data: Buffer.from(data) } };
}

async function listCommits(context: RepositoryContext) {
  const { world, repository, git, request, asOf } = context;
  const { query } = request;
  const start = query.get("sha") ?? repository.defaultBranch;
  const head = await git.resolveCommit(start, asOf);
  if (head === undefined) {
    if (git.refs.list("refs/heads/").length === 0) {
      throw new ApiError(409, "Git Repository is empty.");
    }
    throw notFound();
  }
  const filters: string[] = [];
  const since = query.get("since");
  const until = query.get("until");
  if (since !== null) filters.push(`--since=${since}`);
  if (until !== null) filters.push(`--until=${until}`);
  const path = query.get("path");
  const shas = await git.history(head, filters, path === null || path === "" ? undefined : path);
  const author = query.get("author")?.toLowerCase();
  const wanted =
    author === undefined
      ? shas
      : await filterAsync(shas, async (sha) => {
          const rendered = renderCommit(world, repository, await git.commitOrFail(sha));
          return (
            rendered.author?.["login"]?.toLowerCase() === author ||
            rendered.commit.author?.email?.toLowerCase() === author
          );
        });
  return paginate(context, wanted, async (sha) =>
    renderCommit(world, repository, await git.commitOrFail(sha)),
  );
}

async function filterAsync<Item>(
  items: Item[],
  test: (item: Item) => Promise<boolean>,
): Promise<Item[]> {
  const kept = await Promise.all(items.map(test));
  return items.filter((_, index) => kept[index]);
}

async function getCommit(context: RepositoryContext) {
  const { world, repository, git, params, asOf } = context;
  const ref = params["ref"] ?? "";
  const sha = await git.resolveCommit(ref, asOf);
  if (sha === undefined) throw unprocessable(`No commit found for SHA: ${ref}`);
  const commit = await git.commitOrFail(sha);
  if (accepts(context, "sha")) return text(sha, "sha");
  if (accepts(context, "diff")) {
    return text(await diffText(git.directory, commit.parents[0], sha), "diff");
  }
  const files = await git.diff(commit.parents[0], sha);
  const additions = files.reduce((total, file) => total + file.additions, 0);
  const deletions = files.reduce((total, file) => total + file.deletions, 0);
  const { page, perPage } = pageOf(context);
  const size = context.request.query.has("per_page") ? perPage : MOST_FILES;
  return ok({
    ...renderCommit(world, repository, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: files
      .slice((page - 1) * size, page * size)
      .map((file) => renderFile(world, repository, file, sha)),
  } satisfies Schemas["commit"]);
}

async function compare(context: RepositoryContext) {
  const { world, repository, git, params, request, asOf } = context;
  const [baseName = "", headName] = (params["basehead"] ?? "").split("...");
  if (headName === undefined) throw notFound();
  const plain = (name: string): string => name.slice(name.indexOf(":") + 1);
  const base = await git.resolveCommit(plain(baseName), asOf);
  const head = await git.resolveCommit(plain(headName), asOf);
  if (base === undefined || head === undefined) throw notFound();
  const mergeBase = await git.mergeBase(base, head);
  if (mergeBase === undefined) {
    throw new ApiError(404, `No common ancestor between ${baseName} and ${headName}.`);
  }
  if (accepts(context, "diff")) {
    return text(await diffText(git.directory, mergeBase, head), "diff");
  }
  const ahead = (await git.commitsBetween(base, head)).toReversed();
  const behind = await git.commitsBetween(head, base);
  const files = await git.diff(mergeBase, head);
  const { page, perPage } = pageOf(context);
  const paged = request.query.has("page") || request.query.has("per_page");
  const shown = paged
    ? ahead.slice((page - 1) * perPage, page * perPage)
    : ahead.slice(-MOST_COMMITS);
  const render = async (sha: string): Promise<Schemas["commit"]> =>
    renderCommit(world, repository, await git.commitOrFail(sha));
  const name = `${repositoryPage(world, repository)}/compare/${baseName}...${headName}`;
  return ok({
    url: `${repositoryUrl(world, repository)}/compare/${baseName}...${headName}`,
    html_url: name,
    permalink_url: `${repositoryPage(world, repository)}/compare/${base.slice(0, 7)}...${head.slice(0, 7)}`,
    diff_url: `${name}.diff`,
    patch_url: `${name}.patch`,
    base_commit: await render(base),
    merge_base_commit: await render(mergeBase),
    status: statusOf(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: await Promise.all(shown.map(render)),
    // Only the first page has files.
    files:
      page === 1
        ? files.slice(0, MOST_FILES).map((file) => renderFile(world, repository, file, head))
        : [],
  } satisfies Schemas["commit-comparison"]);
}

function statusOf(ahead: number, behind: number): Schemas["commit-comparison"]["status"] {
  if (ahead === 0 && behind === 0) return "identical";
  if (ahead > 0 && behind > 0) return "diverged";
  return ahead > 0 ? "ahead" : "behind";
}

async function pullsOfCommit(context: RepositoryContext) {
  const { world, repository, git, params, asOf } = context;
  const sha = await git.resolveCommit(params["commit_sha"] ?? "", asOf);
  if (sha === undefined) {
    throw unprocessable(`No commit found for SHA: ${params["commit_sha"]}`);
  }
  const inDefault = git.refs.get(`refs/heads/${repository.defaultBranch}`);
  const merged = inDefault !== undefined && (await git.isAncestor(sha, inDefault));
  const found = [];
  for (const pull of world.tables.pulls.filter((row) => row.repositoryId === repository.id, asOf)) {
    const issue = world.tables.issues.need(pull.issueId);
    const own = (await git.commitsBetween(pull.baseSha, pull.headSha)).includes(sha);
    // A commit of the default branch belongs to the pull request that merged it there.
    if (merged ? pull.mergeCommitSha === sha || (own && pull.mergedAt !== null) : own) {
      found.push({ pull, issue });
    }
  }
  return paginate(context, found, ({ pull, issue }) =>
    renderPullSimple(world, repository, pull, issue),
  );
}

export const commitRoutes: Route[] = [
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/commits",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: listCommits,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/commits/{ref}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: getCommit,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/commits/{commit_sha}/pulls",
    scope: "repository",
    needs: [
      ["pull_requests", "read"],
      ["contents", "read"],
    ],
    handle: pullsOfCommit,
  },
  {
    method: "GET",
    path: "/repos/{owner}/{repo}/compare/{basehead}",
    scope: "repository",
    needs: [["contents", "read"]],
    handle: compare,
  },
];
