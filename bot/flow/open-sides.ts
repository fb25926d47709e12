import type { PullRequest } from "#ports/github-things.ts";

import type { RepositoryContext } from "./repository-context.ts";
import { requestSidePromotion, type SideRequest } from "./request-side-promotion.ts";

export type OpenedSide = {
  readonly request: SideRequest;
  readonly pull: PullRequest;
  readonly head: string;
};

export type OpenedSides = {
  /** Those that stand on GitHub now. */
  readonly opened: readonly OpenedSide[];
  /** Why the others do not; null where all do. */
  readonly sentence: string | null;
};

/** Opens every promotion that was asked for: one that cannot be opened keeps none of the others back. */
export async function openSides(
  context: RepositoryContext,
  requests: readonly SideRequest[],
): Promise<OpenedSides> {
  const opened: OpenedSide[] = [];
  const sentences = new Set<string>();
  for (const request of requests) {
    const outcome = await requestSidePromotion(context, request);
    if (outcome.kind === "open") opened.push({ request, pull: outcome.pull, head: outcome.head });
    else sentences.add(outcome.kind === "refused" ? outcome.sentence : nothingMoves(request));
  }
  return { opened, sentence: sentences.size === 0 ? null : [...sentences].join(" ") };
}

function nothingMoves({ artifact, stream, kind }: SideRequest): string {
  const whose = kind === "rollback" ? "be taken back" : "be moved";
  const { environment, ring } = stream;
  return `Every tenant of ${environment}/${ring} that was to ${whose} holds ${artifact.tag} by now: nothing is left to do.`;
}
