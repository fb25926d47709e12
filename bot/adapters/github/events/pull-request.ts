import { z } from "zod";

import type { SluiceEvent } from "#core/event.ts";

import { ignored, type Reader, readerOf } from "./reader.ts";
import { repository, side, user } from "./shapes.ts";

const pull = z.object({
  number: z.number(),
  head: side,
  base: side,
  merged: z.boolean().nullish(),
  merged_at: z.string().nullish(),
});

const schema = z.object({ action: z.string(), pull_request: pull, repository, sender: user });

/** Labels, assignees and the like change nothing that a plan is made from. */
const actions = new Set([
  "opened",
  "reopened",
  "closed",
  "synchronize",
  "edited",
  "ready_for_review",
  "converted_to_draft",
]);

export const readPullRequest: Reader = readerOf(schema, (payload) =>
  actions.has(payload.action)
    ? changed(payload, payload.action)
    : ignored(`pull request ${payload.action}`),
);

/** A review that was only edited says the same. */
export const readPullRequestReview: Reader = readerOf(schema, (payload) =>
  payload.action === "submitted" || payload.action === "dismissed"
    ? changed(payload, `review_${payload.action}`)
    : ignored(`review ${payload.action}`),
);

function changed(payload: z.infer<typeof schema>, action: string): SluiceEvent {
  const { head, base, number, merged, merged_at: mergedAt } = payload.pull_request;
  return {
    kind: "pull-request.changed",
    repository: payload.repository.full_name,
    number,
    action,
    headBranch: head.ref,
    headRevision: head.sha,
    sameRepository: head.repo !== null && head.repo.id === base.repo?.id,
    merged: merged ?? typeof mergedAt === "string",
    sender: payload.sender.login,
  };
}
