import { validationFailed } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import { renderUserById } from "../render/account.ts";
import { authorAssociation } from "../render/issue.ts";
import { nodeId } from "../render/node-id.ts";
import { renderPullSimple } from "../render/pull.ts";
import { repositoryPage, repositoryUrl } from "../render/repository.ts";
import type { Schemas } from "../render/schemas.ts";
import type { Pull, Repository, Review, ReviewState } from "../state/records.ts";
import { emit } from "./emit.ts";

export function renderReview(
  world: Work["world"],
  repository: Repository,
  pull: Pull,
  review: Review,
): Schemas["pull-request-review"] {
  const page = `${repositoryPage(world, repository)}/pull/${pull.number}`;
  const html = `${page}#pullrequestreview-${review.id}`;
  const pullUrl = `${repositoryUrl(world, repository)}/pulls/${pull.number}`;
  return {
    id: review.id,
    node_id: nodeId("PRR", review.id),
    user: renderUserById(world, review.userId),
    body: review.body,
    state: review.state,
    html_url: html,
    pull_request_url: pullUrl,
    _links: { html: { href: html }, pull_request: { href: pullUrl } },
    submitted_at: review.submittedAt,
    commit_id: review.commitSha,
    author_association: authorAssociation(world, repository, review.userId),
  };
}

/** Submits a review; nobody approves or refuses what is their own. */
export function submitReview(
  work: Work,
  repository: Repository,
  pull: Pull,
  { state, body }: { state: ReviewState; body: string },
): Review {
  const { world, actor } = work;
  const author = world.tables.issues.need(pull.issueId).userId;
  if (author === actor.account.id && (state === "APPROVED" || state === "CHANGES_REQUESTED")) {
    const verb = state === "APPROVED" ? "approve" : "request changes on";
    throw validationFailed(`Can not ${verb} your own pull request`);
  }
  if (state !== "APPROVED" && body.trim() === "") {
    throw validationFailed("You need to leave a comment indicating the requested changes.");
  }
  const review = world.tables.reviews.insert({
    id: world.nextId("other"),
    pullId: pull.id,
    userId: actor.account.id,
    body,
    state,
    commitSha: pull.headSha,
    submittedAt: world.date(),
  });
  world.tables.issues.update(pull.issueId, { updatedAt: world.date() });
  tellReview(work, repository, pull, review, "submitted");
  return review;
}

export function dismissReview(
  work: Work,
  repository: Repository,
  pull: Pull,
  review: Review,
): Review {
  const dismissed = work.world.tables.reviews.update(review.id, { state: "DISMISSED" });
  work.world.tables.issues.update(pull.issueId, { updatedAt: work.world.date() });
  tellReview(work, repository, pull, dismissed, "dismissed");
  return dismissed;
}

function tellReview(
  work: Work,
  repository: Repository,
  pull: Pull,
  review: Review,
  action: "submitted" | "dismissed",
): void {
  const { world } = work;
  const issue = world.tables.issues.need(pull.issueId);
  emit(work, { event: "pull_request_review", action }, repository, {
    review: {
      ...renderReview(world, repository, pull, review),
      // Webhooks write the state in lower case, the API in upper case.
      state: review.state.toLowerCase(),
    },
    pull_request: renderPullSimple(world, repository, pull, issue),
  });
}
