import { sameArtifact } from "#core/artifact.ts";
import { renderAgreed, renderConsentDryRun } from "#core/comment-side.ts";
import { replyMarker } from "#core/comment.ts";
import type { Place } from "#core/next-place.ts";
import type { Policy } from "#core/policy.ts";
import { parsePromotionBranch } from "#core/promotion-branch.ts";
import type { PullRequest } from "#ports/github-things.ts";

import type { CommentEvent } from "./answer-command.ts";
import { chooseOpen, type ConsentOrder } from "./choose-open.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied, done } from "./command-meaning.ts";
import { branchesOf } from "./find-open-promotions.ts";
import { carriedBy } from "./observe-open-promotion.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** Both are GitHub's times, in whole seconds. */
export function mergedSince(event: CommentEvent, { mergedAt }: PullRequest): boolean {
  return mergedAt !== null && mergedAt.getTime() >= Date.parse(event.createdAt);
}

/** `/promote`: agrees to the head of the open promotion, as it stood when it was written. */
export async function consent(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  order: ConsentOrder,
): Promise<CommandMeaning> {
  const { on, place } = order;
  const own = on !== null && isOf(policy, place, on);
  // What was asked for has happened in the meantime.
  if (on !== null && own && mergedSince(event, on)) return done(null, null);
  const chosen =
    own && on.state === "open"
      ? ({ kind: "chosen", pull: on } as const)
      : await chooseOpen(context, policy, order);
  if (chosen.kind === "refused") return denied(event, chosen.sentence);
  const { pull } = chosen;
  if (pull.draft)
    return denied(
      event,
      `#${pull.number} is a draft: mark it ready for review, then write /promote.`,
    );
  const head = await context.repository.commit(pull.headRevision);
  if (head.at.getTime() > Date.parse(event.createdAt) + clockTolerance)
    return denied(
      event,
      `#${pull.number} has changed since you wrote: look at ${pull.headRevision.slice(0, 7)} and write /promote again.`,
    );
  const artifact = await carriedBy(context, pull);
  if (order.artifact !== null && (artifact === null || !sameArtifact(artifact, order.artifact)))
    return denied(
      event,
      `#${pull.number} does not bring ${order.artifact.tag} any more: look at ${pull.headRevision.slice(0, 7)} and write /promote on it.`,
    );
  const marker = replyMarker(event.commentId);
  const { number, url, headRevision } = pull;
  const { repository } = context.job;
  const meant = { number, url, head: headRevision, artifact, repository };
  if (order.dryRun) return done(null, renderConsentDryRun({ ...meant, marker }));
  const deed = { kind: "consent", pull: number, head: headRevision } as const;
  // There its own check run shows it.
  const here = event.number === number && event.repository === repository;
  return done(deed, here ? null : renderAgreed({ ...meant, by: event.author, marker }));
}

/** GitHub gives times in whole seconds. */
const clockTolerance = 1000;

/** Is it a promotion of that very place, of its own or beside it? */
function isOf(policy: Policy, place: Place, pull: PullRequest): boolean {
  if (branchesOf(policy, place).includes(pull.headBranch)) return true;
  const beside = pull.sameRepository ? parsePromotionBranch(pull.headBranch) : null;
  return (
    beside !== null &&
    beside.side !== null &&
    beside.stream.environment === place.environment &&
    beside.stream.service === place.service
  );
}
