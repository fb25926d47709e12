import type { DequeueResult, EnqueueResult } from "#ports/merge-queue.ts";

import { GitHubFault, isUnknownOutcome } from "../requests/errors.ts";
import { graphqlFault } from "../requests/graphql-errors.ts";
import type { RepositoryContext } from "./context.ts";
import { mergeRefusal } from "./merge-refusal.ts";

const enqueueMutation = `mutation ($id: ID!, $head: GitObjectID!, $jump: Boolean!) {
  enqueuePullRequest(input: { pullRequestId: $id, expectedHeadOid: $head, jump: $jump }) {
    clientMutationId
  }
}`;

const dequeueMutation = `mutation ($id: ID!) {
  dequeuePullRequest(input: { id: $id }) { clientMutationId }
}`;

/**
 * One try, and one without `jump` where GitHub refuses it: it may want a permission that nobody gave. Whatever is not a plain yes is settled by looking
 * whether it is in the queue now.
 */
export async function enqueuePullRequest(
  context: RepositoryContext,
  variables: { readonly id: string; readonly head: string; readonly jump: boolean },
  isQueued: () => Promise<boolean>,
): Promise<EnqueueResult> {
  try {
    await mutate(context, enqueueMutation, variables, "put it into the merge queue");
    return { kind: "queued" };
  } catch (error) {
    if (!settles(error)) throw error;
    if (await isQueued()) return { kind: "queued" };
    if (error.unknownOutcome) throw error;
    if (variables.jump) return enqueuePullRequest(context, { ...variables, jump: false }, isQueued);
    return refusalOf(error);
  }
}

/** GitHub may report a failure and have done it all the same: what counts is whether it is still in. */
export async function dequeuePullRequest(
  context: RepositoryContext,
  id: string,
  isQueued: () => Promise<boolean>,
): Promise<DequeueResult> {
  try {
    await mutate(context, dequeueMutation, { id }, "take it out of the merge queue");
    return { kind: "out" };
  } catch (error) {
    if (!settles(error)) throw error;
    if (!(await isQueued())) return { kind: "out" };
    if (error.unknownOutcome) throw error;
    const sentence = `GitHub keeps it in the merge queue: ${error.detail}`;
    return { kind: "refused", sentence };
  }
}

async function mutate(
  context: RepositoryContext,
  mutation: string,
  variables: Record<string, unknown>,
  deed: string,
): Promise<void> {
  try {
    await context.graphql(mutation, variables);
  } catch (error) {
    throw graphqlFault(error, deed, context.clock.now());
  }
}

/** An answer of GraphQL, or a silence; a limit is neither. */
function settles(error: unknown): error is GitHubFault {
  if (isUnknownOutcome(error)) return true;
  return error instanceof GitHubFault && error.status === 200 && error.code !== "github.limited";
}

/** GitHub puts "Pull request" before the sentence of the rule that is not met. */
function refusalOf({ code, detail }: GitHubFault): EnqueueResult {
  const said = detail.replace(/^pull request (?=\S)/iu, "");
  const sentence = `GitHub did not take it into the merge queue: ${said}`;
  if (code === "github.forbidden")
    return {
      kind: "blocked",
      reason: "forbidden",
      sentence: `${sentence}. Accept the App's permission for merge queues.`,
    };
  if (/head (?:branch|sha|oid)/iu.test(said)) return { kind: "head-moved" };
  const refusal = mergeRefusal(405, said);
  switch (refusal.kind) {
    case "head-moved":
      return refusal;
    case "look":
      return { kind: "not-yet", reason: "not-mergeable-now", sentence };
    case "method-refused":
      return { kind: "blocked", reason: "method-not-allowed", sentence };
    case "not-yet":
    case "blocked":
      return { ...refusal, sentence };
  }
}
