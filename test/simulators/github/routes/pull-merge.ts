import { mergePull, updateBranch } from "../actions/merge-pull.ts";
import { dismissReview, renderReview, submitReview } from "../actions/reviews.ts";
import { ApiError, noContent, notFound, ok, unprocessable } from "../http/answer.ts";
import type { Answer } from "../http/answer.ts";
import type { RepositoryContext, Route } from "../http/context.ts";
import { paginate } from "../http/pagination.ts";
import { repositoryUrl } from "../render/repository.ts";
import type { MergeMethod } from "../state/merge-rules.ts";
import type { Review, ReviewState } from "../state/records.ts";
import { pullOf } from "./pulls.ts";

type MergeBody = {
  commit_title?: string;
  commit_message?: string;
  sha?: string;
  merge_method?: MergeMethod;
};

async function merge(context: RepositoryContext): Promise<Answer> {
  const body = context.request.body as MergeBody;
  const sha = await mergePull(context, context.repository, pullOf(context), {
    method: body.merge_method ?? "merge",
    sha: body.sha,
    title: body.commit_title,
    message: body.commit_message,
  });
  return ok({ sha, merged: true, message: "Pull Request successfully merged" });
}

async function update(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request } = context;
  const pull = pullOf(context);
  const expected = (request.body as { expected_head_sha?: string }).expected_head_sha;
  if (expected !== undefined && expected !== pull.headSha) {
    throw unprocessable("expected head sha didn’t match current head ref.");
  }
  const outcome = await updateBranch(context, repository, pull);
  if (outcome === "up to date") {
    throw unprocessable("There are no new commits on the base branch.");
  }
  if (outcome === "conflict") throw unprocessable("merge conflict between base and head");
  const url = `${repositoryUrl(world, repository)}/pulls/${pull.number}`;
  return { status: 202, body: { message: "Updating pull request branch.", url } };
}

const EVENTS: Record<string, ReviewState> = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
};

function createReview(context: RepositoryContext): Promise<Answer> {
  const { world, repository, request } = context;
  const pull = pullOf(context);
  const body = request.body as { event?: string; body?: string; commit_id?: string };
  const state = EVENTS[body.event ?? ""];
  if (state === undefined) throw unprocessable("Pending reviews are not simulated; send an event.");
  const review = submitReview(context, repository, pull, { state, body: body.body ?? "" });
  return Promise.resolve(ok(renderReview(world, repository, pull, review)));
}

function reviewOf(context: RepositoryContext): Review {
  const review = context.world.tables.reviews.get(Number(context.params["review_id"]));
  if (review === undefined || review.pullId !== pullOf(context).id) throw notFound();
  return review;
}

function dismiss(context: RepositoryContext): Promise<Answer> {
  const { world, repository } = context;
  const pull = pullOf(context);
  const review = dismissReview(context, repository, pull, reviewOf(context));
  return Promise.resolve(ok(renderReview(world, repository, pull, review)));
}

const BASE = "/repos/{owner}/{repo}/pulls/{pull_number}";

export const pullMergeRoutes: Route[] = [
  {
    method: "GET",
    path: `${BASE}/merge`,
    scope: "repository",
    needs: [["pull_requests", "read"]],
    handle: (context) => {
      if (pullOf(context).mergedAt === null) throw new ApiError(404, "Not Found");
      return Promise.resolve(noContent());
    },
  },
  {
    method: "PUT",
    path: `${BASE}/merge`,
    content: true,
    scope: "repository",
    needs: [["contents", "write"]],
    handle: merge,
  },
  {
    method: "PUT",
    path: `${BASE}/update-branch`,
    scope: "repository",
    needs: [["pull_requests", "write"]],
    handle: update,
  },
  {
    method: "GET",
    path: `${BASE}/reviews`,
    scope: "repository",
    needs: [["pull_requests", "read"]],
    handle: (context) => {
      const { world, repository, asOf } = context;
      const pull = pullOf(context);
      const reviews = world.tables.reviews.filter((row) => row.pullId === pull.id, asOf);
      return paginate(context, reviews, (row) => renderReview(world, repository, pull, row));
    },
  },
  {
    method: "POST",
    path: `${BASE}/reviews`,
    content: true,
    scope: "repository",
    needs: [["pull_requests", "write"]],
    handle: createReview,
  },
  {
    method: "PUT",
    path: `${BASE}/reviews/{review_id}/dismissals`,
    scope: "repository",
    needs: [["pull_requests", "write"]],
    handle: dismiss,
  },
];
