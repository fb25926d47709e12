import { parsePromotionBranch } from "#core/promotion-branch.ts";
import type { Stream } from "#core/target.ts";
import type { PullRequest } from "#ports/github-things.ts";

import type { CommentEvent } from "./answer-command.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** Where a command was written. */
export type CommandPlace =
  | { readonly kind: "promotion"; readonly stream: Stream; readonly pull: PullRequest }
  | { readonly kind: "dashboard" }
  /** Any other pull request: of a source, or of a person. */
  | { readonly kind: "other"; readonly pull: PullRequest };

/** A plain issue that gets here is the dashboard: no other is listened to. */
export async function commandPlace(
  { installation, job }: RepositoryContext,
  { repository, number, onPullRequest }: CommentEvent,
): Promise<CommandPlace> {
  if (!onPullRequest) return { kind: "dashboard" };
  const pull = await installation.repository(repository).pullRequest(number);
  const own = pull.sameRepository && repository === job.repository;
  const found = own ? parsePromotionBranch(pull.headBranch) : null;
  return found === null
    ? { kind: "other", pull }
    : { kind: "promotion", stream: found.stream, pull };
}
