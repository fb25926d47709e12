import type { MoveResult } from "#ports/gitops-repo.ts";

import { GitHubFault, isUnknownOutcome, refusedWith } from "../requests/errors.ts";
import { graphqlFault } from "../requests/graphql-errors.ts";
import { readBranch } from "./branches.ts";
import type { RepositoryContext } from "./context.ts";
import { repositoryInfo } from "./info.ts";

type Move = { branch: string; from: string | null; to: string | null };

/** What Git takes for "no commit" in an update of a ref. */
const nothing = "0".repeat(40);

/** REST cannot move a ref from an expected value; GraphQL can. `force` because a rebuilt promotion is no descendant. */
const updateRefs = `mutation ($repositoryId: ID!, $refUpdates: [RefUpdate!]!) {
  updateRefs(input: { repositoryId: $repositoryId, refUpdates: $refUpdates }) { clientMutationId }
}`;

/**
 * Moves, creates or deletes a branch, only from where `from` says. Whatever is not a plain yes is settled by looking
 * where the branch stands now.
 */
export async function moveBranch(context: RepositoryContext, move: Move): Promise<MoveResult> {
  if (move.from === move.to)
    return { kind: (await readBranch(context, move.branch)) === move.to ? "moved" : "changed" };
  try {
    await (move.from === null ? create(context, move) : update(context, move));
    return { kind: "moved" };
  } catch (error) {
    if (!settles(error)) throw error;
    const stands = await readBranch(context, move.branch);
    if (stands === move.to) return { kind: "moved" };
    if (stands !== move.from) return { kind: "changed" };
    if (!(error instanceof GitHubFault) || error.retryable || isOurs(error)) throw error;
    return { kind: "refused", sentence: sentenceOf(move, error) };
  }
}

/** A commit that is not there is a bug, and no refusal. */
function isOurs({ detail }: GitHubFault): boolean {
  return /object does not exist/iu.test(detail);
}

function sentenceOf({ branch, from, to }: Move, { detail }: GitHubFault): string {
  const deed = from === null ? "created" : to === null ? "deleted" : "moved";
  return (
    `GitHub does not let the branch ${branch} be ${deed}: ${detail}. ` +
    "Look for a branch whose name is in the way (one that is named sluice, say), and for rules that cover this one."
  );
}

async function create(context: RepositoryContext, move: Move): Promise<void> {
  await context.request("POST /repos/{owner}/{repo}/git/refs", {
    ...context.at,
    ref: `refs/heads/${move.branch}`,
    sha: move.to ?? nothing,
  });
}

async function update(context: RepositoryContext, move: Move): Promise<void> {
  const { nodeId } = await repositoryInfo(context);
  const change = {
    name: `refs/heads/${move.branch}`,
    beforeOid: move.from ?? nothing,
    afterOid: move.to ?? nothing,
    force: true,
  };
  try {
    await context.graphql(updateRefs, { repositoryId: nodeId, refUpdates: [change] });
  } catch (error) {
    throw graphqlFault(error, "move the branch", context.clock.now());
  }
}

/** Is it an answer, or a silence, after which the branch itself says what happened? */
function settles(error: unknown): boolean {
  return isUnknownOutcome(error) || [200, 409, 422].some((status) => refusedWith(error, status));
}
