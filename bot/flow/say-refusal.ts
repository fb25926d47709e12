import { pressReplyMarker, renderDenied } from "#core/comment.ts";
import { streamBranch } from "#core/promotion-branch.ts";
import type { Stream } from "#core/target.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** What somebody pressed on a check run, and may not or cannot. */
export type Refusal = {
  readonly stream: Stream;
  /** The commit that the check run stands on: a promotion's head, or what its merge made. */
  readonly revision: string;
  readonly sentence: string;
  /** Names the delivery: one that comes again is not answered twice. */
  readonly delivery: string;
};

/** A button has no answer of its own: what is refused is said on the promotion's pull request, where there is one. */
export async function sayRefusal(
  { repository, conversation }: RepositoryContext,
  { stream, revision, sentence, delivery }: Refusal,
): Promise<void> {
  const pulls = await repository.pullRequestsOf(streamBranch(stream));
  const pull = pulls.find((one) => one.headRevision === revision || one.mergeRevision === revision);
  if (pull === undefined) return;
  const marker = pressReplyMarker(delivery);
  await conversation.reply(pull.number, marker, renderDenied({ sentence, marker }));
}
