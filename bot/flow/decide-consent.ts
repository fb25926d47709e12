import { renderConsentDryRun } from "#core/comment-side.ts";
import { replyMarker } from "#core/comment.ts";
import type { Place } from "#core/next-place.ts";
import type { Policy } from "#core/policy.ts";
import { parsePromotionBranch } from "#core/promotion-branch.ts";
import type { PullRequest } from "#ports/github-things.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { CommandMeaning } from "./command-decision.ts";
import { denied, done } from "./command-meaning.ts";
import { branchesOf, findOpenPromotions } from "./find-open-promotions.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** Both are GitHub's times, in whole seconds. */
export function mergedSince(event: CommentEvent, { mergedAt }: PullRequest): boolean {
  return mergedAt !== null && mergedAt.getTime() >= Date.parse(event.createdAt);
}

/**
 * `/promote`: agrees to the head of the open promotion, as it stood when it was written.
 *
 * @param on the promotion that it was written on; null where it was written elsewhere.
 */
export async function consent(
  context: RepositoryContext,
  policy: Policy,
  event: CommentEvent,
  on: PullRequest | null,
  stream: Place,
  dryRun: boolean,
): Promise<CommandMeaning> {
  const branches = branchesOf(policy, stream);
  const beside = on?.sameRepository === true ? parsePromotionBranch(on.headBranch) : null;
  const own =
    on !== null &&
    (branches.includes(on.headBranch) ||
      (beside !== null &&
        beside.side !== null &&
        beside.stream.environment === stream.environment &&
        beside.stream.service === stream.service));
  // What was asked for has happened in the meantime.
  if (on !== null && own && mergedSince(event, on)) return done(null, null);
  const [pull, ...others] =
    on?.state === "open" && own ? [on] : await findOpenPromotions(context, policy, stream);
  const where = stream.ring === null ? stream.environment : `${stream.environment}/${stream.ring}`;
  if (pull === undefined)
    return denied(
      event,
      `There is no open promotion of ${stream.service} into ${where} that could be agreed to.`,
    );
  if (others.length > 0) return denied(event, whichOne(stream, [pull, ...others]));
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
  const agreed = { kind: "consent", pull: pull.number, head: pull.headRevision } as const;
  if (!dryRun) return done(agreed, null);
  const marker = replyMarker(event.commentId);
  return done(null, renderConsentDryRun({ number: pull.number, head: pull.headRevision, marker }));
}

/** GitHub gives times in whole seconds. */
const clockTolerance = 1000;

/** Several rings may be open, each with another artifact: nobody is taken to mean all of them. */
function whichOne({ service, environment }: Place, pulls: readonly PullRequest[]): string {
  const named = pulls.map(({ number, headBranch }) => {
    const ring = parsePromotionBranch(headBranch)?.stream.ring ?? "";
    return `#${number} (ring ${ring})`;
  });
  return `Several promotions of ${service} into ${environment} are open: ${named.join(", ")}. Write /promote on the one that you mean.`;
}
