import type { MergeQueues, QueueEntry, QueueLook, QueuePlace } from "#ports/merge-queue.ts";

import { GitHubFault } from "../requests/errors.ts";
import { graphqlFault } from "../requests/graphql-errors.ts";
import type { RepositoryContext } from "./context.ts";
import { dequeuePullRequest, enqueuePullRequest } from "./enqueue.ts";

type Actor = { readonly __typename: string; readonly login: string } | null;

const queueQuery = `query ($owner: String!, $repo: String!, $branch: String!) {
  repository(owner: $owner, name: $repo) {
    mergeQueue(branch: $branch) {
      entries(first: 100) {
        nodes {
          position
          enqueuer { __typename login }
          headCommit { oid }
          pullRequest { number headRefOid }
        }
      }
    }
  }
}`;

type QueueAnswer = {
  readonly repository: {
    readonly mergeQueue: {
      readonly entries: { readonly nodes: readonly (EntryNode | null)[] | null } | null;
    } | null;
  } | null;
};

type EntryNode = {
  readonly position: number;
  readonly enqueuer: Actor;
  readonly headCommit: { readonly oid: string } | null;
  readonly pullRequest: { readonly number: number; readonly headRefOid: string } | null;
};

const placeQuery = `query ($owner: String!, $repo: String!, $number: Int!) {
  repository(owner: $owner, name: $repo) {
    pullRequest(number: $number) {
      id
      headRefOid
      isInMergeQueue
      timelineItems(last: 20, itemTypes: [REMOVED_FROM_MERGE_QUEUE_EVENT]) {
        nodes { ... on RemovedFromMergeQueueEvent { createdAt reason actor { __typename login } } }
      }
    }
  }
}`;

type PlaceAnswer = {
  readonly repository: {
    readonly pullRequest: {
      readonly id: string;
      readonly headRefOid: string;
      readonly isInMergeQueue: boolean;
      readonly timelineItems: { readonly nodes: readonly (RemovalNode | null)[] | null };
    } | null;
  } | null;
};

type RemovalNode = {
  readonly createdAt: string;
  readonly reason: string | null;
  readonly actor: Actor;
};

export function mergeQueues(context: RepositoryContext): MergeQueues {
  return {
    look: async (branch) => look(context, branch),
    place: async (number) => readPlace(context, number),
    enqueue: async ({ number, head, jump = false }) => {
      const { id } = await readPlace(context, number);
      const isQueued = async () => (await readPlace(context, number)).queued;
      return enqueuePullRequest(context, { id, head, jump }, isQueued);
    },
    dequeue: async (number) => {
      const { id, queued } = await readPlace(context, number);
      if (!queued) return { kind: "out" };
      const isQueued = async () => (await readPlace(context, number)).queued;
      return dequeuePullRequest(context, id, isQueued);
    },
  };
}

async function look(context: RepositoryContext, branch: string): Promise<QueueLook> {
  try {
    const answer = await ask<QueueAnswer>(context, queueQuery, { ...context.at, branch });
    const queue = answer.repository?.mergeQueue ?? null;
    if (queue === null) return { kind: "none" };
    const nodes = (queue.entries?.nodes ?? []).filter((node) => node !== null);
    const ordered = nodes.toSorted((one, other) => one.position - other.position);
    return { kind: "queue", entries: ordered.flatMap(toEntry) };
  } catch (error) {
    // A GitHub Enterprise Server may be too old to know of merge queues.
    if (error instanceof GitHubFault && /field 'mergeQueue' doesn't exist/iu.test(error.detail))
      return { kind: "none" };
    const refused = error instanceof GitHubFault && error.status === 200;
    if (!refused || error.code === "github.limited") throw error;
    const sentence =
      `GitHub does not let Sluice see the merge queue of ${branch}: ${error.detail}. ` +
      "Accept the App's permission for merge queues.";
    return { kind: "unreadable", sentence };
  }
}

function toEntry({ enqueuer, headCommit, pullRequest }: EntryNode): readonly QueueEntry[] {
  if (pullRequest === null) return [];
  const { number, headRefOid: head } = pullRequest;
  return [{ number, head, by: loginOf(enqueuer), group: headCommit?.oid ?? null }];
}

async function readPlace(
  context: RepositoryContext,
  number: number,
): Promise<QueuePlace & { readonly id: string }> {
  const answer = await ask<PlaceAnswer>(context, placeQuery, { ...context.at, number });
  const pull = answer.repository?.pullRequest ?? null;
  if (pull === null)
    throw new GitHubFault("github.not-found", `There is no pull request ${number}.`, {
      retryable: false,
      status: 200,
      detail: "Not Found",
    });
  const removals = (pull.timelineItems.nodes ?? []).filter((node) => node !== null);
  return {
    id: pull.id,
    head: pull.headRefOid,
    queued: pull.isInMergeQueue,
    removals: removals.map(({ createdAt, reason, actor }) => ({
      at: new Date(createdAt),
      by: loginOf(actor),
      reason: reason ?? "for a reason that GitHub does not tell",
    })),
  };
}

async function ask<T>(context: RepositoryContext, query: string, variables: object): Promise<T> {
  try {
    return await context.graphql<T>(query, { ...variables });
  } catch (error) {
    throw graphqlFault(error, "read the merge queue", context.clock.now());
  }
}

/** GraphQL leaves out the `[bot]` that the REST API adds to the name of an App. */
function loginOf(actor: Actor): string | null {
  if (actor === null) return null;
  return actor.__typename === "Bot" ? `${actor.login}[bot]` : actor.login;
}
