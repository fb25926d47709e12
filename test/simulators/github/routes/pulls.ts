import { editPull } from "../actions/edit-pull.ts";
import type { PullPatch } from "../actions/edit-pull.ts";
import { pullRange, renderPullNow } from "../actions/pull-facts.ts";
import { computeMergeable, openPull } from "../actions/pulls.ts";
import { diffText } from "../git/diff.ts";
import { created, notFound, ok } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { renderCommit, renderFile } from "../render/commit.ts";
import { renderPullSimple } from "../render/pull.ts";
import { findIssue, findPull } from "../state/find.ts";
import type { Issue, Pull } from "../state/records.ts";

const MOST_COMMITS = 250;
const MOST_FILES = 3_000;

/** The pull request that the path names, or 404. */
export function pullOf(context: RepositoryContext): Pull {
  const { world, repository, params, asOf } = context;
  const number = Number(params["pull_number"]);
  const pull = findPull(world, repository, number, asOf);
  if (pull === undefined) throw notFound();
  return pull;
}

function listPulls(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request, asOf } = context;
  const { query } = request;
  const state = query.get("state") ?? "open";
  const head = query.get("head");
  const base = query.get("base");
  const rows: { pull: Pull; issue: Issue }[] = world.tables.pulls
    .filter((pull) => pull.repositoryId === repository.id, asOf)
    .flatMap((pull) => {
      const issue = world.tables.issues.get(pull.issueId, asOf);
      return issue === undefined ? [] : [{ pull, issue }];
    })
    .filter(({ issue }) => state === "all" || issue.state === state)
    // Without `owner:` GitHub does not filter by head at all.
    .filter(({ pull }) => !head?.includes(":") || sameLabel(pull.headLabel, head))
    .filter(({ pull }) => base === null || pull.baseRef === base);
  const sort = query.get("sort") ?? "created";
  const direction = query.get("direction") ?? (query.has("sort") ? "asc" : "desc");
  const key = ({ issue }: { issue: Issue }): string =>
    sort === "updated" ? issue.updatedAt : issue.createdAt;
  rows.sort((a, b) => compareText(key(a), key(b)) || a.pull.number - b.pull.number);
  if (direction !== "asc") rows.reverse();
  return paginate(context, rows, ({ pull, issue }) =>
    renderPullSimple(world, repository, pull, issue),
  );
}

function sameLabel(a: string, b: string): boolean {
  const [ownerA = "", ...branchA] = a.split(":");
  const [ownerB = "", ...branchB] = b.split(":");
  return ownerA.toLowerCase() === ownerB.toLowerCase() && branchA.join(":") === branchB.join(":");
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function getPull(context: RepositoryContext): Promise<Answer> {
  const { world, repository, git, request, simulation } = context;
  const pull = pullOf(context);
  const accept = request.headers.accept ?? "";
  if (/vnd\.github(?:\.v3)?\.diff/u.test(accept)) {
    const { mergeBase } = await pullRange(world, repository, pull);
    const data = Buffer.from(await diffText(git.directory, mergeBase, pull.headSha));
    return { status: 200, raw: { type: "application/vnd.github.diff; charset=utf-8", data } };
  }
  const answer = await renderPullNow(world, repository, pull);
  if (pull.mergeable === null && answer.state === "open") {
    // The first to ask starts the computation and is told that nothing is known yet.
    const again = simulation.faults.mergeableNull(request.path);
    if (!again)
      setImmediate(() => void computeMergeable(context, pull).catch(simulation.unexpected));
  } else if (simulation.faults.mergeableNull(request.path)) {
    return ok({ ...answer, mergeable: null, rebaseable: null, mergeable_state: "unknown" });
  }
  return ok(answer);
}

type PullBody = {
  title?: string;
  head: string;
  head_repo?: string;
  base: string;
  body?: string;
  draft?: boolean;
  issue?: number;
  maintainer_can_modify?: boolean;
};

async function createPull(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request } = context;
  const body = request.body as PullBody;
  const issue = body.issue === undefined ? undefined : findIssue(world, repository, body.issue);
  const pull = await openPull(context, repository, {
    title: body.title,
    body: body.body ?? null,
    head: body.head,
    base: body.base,
    draft: body.draft ?? false,
    maintainerCanModify: body.maintainer_can_modify ?? true,
    issue,
  });
  return created(await renderPullNow(world, repository, pull));
}

async function updatePull(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request } = context;
  const pull = pullOf(context);
  await editPull(context, repository, pull, request.body as PullPatch);
  return ok(await renderPullNow(world, repository, world.tables.pulls.need(pull.id)));
}

async function listFiles(context: RepositoryContext): Promise<Answer> {
  const { world, repository, git } = context;
  const pull = pullOf(context);
  const { mergeBase } = await pullRange(world, repository, pull);
  const files = await git.diff(mergeBase, pull.headSha);
  return paginate(context, files.slice(0, MOST_FILES), (file) =>
    renderFile(world, repository, file, pull.headSha),
  );
}

async function listPullCommits(context: RepositoryContext): Promise<Answer> {
  const { world, repository, git } = context;
  const { commits } = await pullRange(world, repository, pullOf(context));
  const shown = commits.toReversed().slice(0, MOST_COMMITS);
  return paginate(context, shown, async (sha) =>
    renderCommit(world, repository, await git.commitOrFail(sha)),
  );
}

const BASE = "/repos/{owner}/{repo}/pulls";

export const pullRoutes: Route[] = [
  {
    method: "GET",
    path: BASE,
    scope: "repository",
    needs: [["pull_requests", "read"]],
    handle: listPulls,
  },
  {
    method: "POST",
    path: BASE,
    content: true,
    scope: "repository",
    needs: [["pull_requests", "write"]],
    handle: createPull,
  },
  {
    method: "GET",
    path: `${BASE}/{pull_number}`,
    scope: "repository",
    needs: [["pull_requests", "read"]],
    handle: getPull,
  },
  {
    method: "PATCH",
    path: `${BASE}/{pull_number}`,
    scope: "repository",
    needs: [["pull_requests", "write"]],
    handle: updatePull,
  },
  {
    method: "GET",
    path: `${BASE}/{pull_number}/files`,
    scope: "repository",
    needs: [["pull_requests", "read"]],
    handle: listFiles,
  },
  {
    method: "GET",
    path: `${BASE}/{pull_number}/commits`,
    scope: "repository",
    needs: [["pull_requests", "read"]],
    handle: listPullCommits,
  },
];
