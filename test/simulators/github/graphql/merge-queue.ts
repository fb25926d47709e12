import { dequeue, enqueue, queueEntries, settleMergeQueues } from "../actions/merge-queue.ts";
import { ApiError } from "../http/answer.ts";
import type { Context } from "../http/context.ts";
import { accessRepository, requirePermission } from "../permissions.ts";
import { nodeId, parseNodeId } from "../render/node-id.ts";
import { fullName } from "../state/find.ts";
import type { QueueEntry, QueueRemoval } from "../state/merge-rules.ts";
import type { Pull, Repository } from "../state/records.ts";
import { fieldError } from "./errors.ts";

/** GraphQL names an App without the `[bot]` that the REST API adds. */
function renderActor({ world }: Context, id: number): Record<string, unknown> {
  const { login, type } = world.tables.accounts.need(id);
  return { __typename: type, login: login.replace(/\[bot\]$/u, "") };
}

function renderEntry(context: Context, entry: QueueEntry): Record<string, unknown> {
  const { world } = context;
  const repository = world.tables.repositories.need(entry.repositoryId);
  const { branch, group } = entry;
  const position = queueEntries(context, { repository, branch }).findIndex(
    ({ id }) => id === entry.id,
  );
  const commit = (oid: string) => ({ oid, id: nodeId("C", `${repository.id}:${oid}`) });
  return {
    id: nodeId("MQE", entry.id),
    position: position + 1,
    state: group === null ? "QUEUED" : "AWAITING_CHECKS",
    enqueuedAt: entry.enqueuedAt,
    jump: entry.jump,
    solo: false,
    enqueuer: renderActor(context, entry.enqueuerId),
    headCommit: group === null ? null : commit(group.sha),
    baseCommit: group === null ? null : commit(group.base),
    pullRequest: () => renderPull(context, world.tables.pulls.need(entry.pullId)),
  };
}

/** The queue of a branch, null where none is required. */
export function renderQueue(
  context: Context,
  repository: Repository,
  branch: string,
): Record<string, unknown> | null {
  const queue = repository.rules[branch]?.mergeQueue;
  if (queue == null) return null;
  needs(context, "read");
  return {
    id: nodeId("MQ", `${repository.id}:${branch}`),
    configuration: { mergeMethod: queue.method.toUpperCase() },
    entries: ({ first }: { first?: number }) => {
      if (first === undefined || first < 1 || first > 100) {
        throw fieldError(
          "MISSING_PAGINATION_BOUNDARIES",
          "You must provide a `first` or `last` value to properly paginate the `entries` connection.",
        );
      }
      const entries = queueEntries(context, { repository, branch });
      return {
        totalCount: entries.length,
        nodes: entries.slice(0, first).map((entry) => renderEntry(context, entry)),
      };
    },
  };
}

/** What GraphQL shows of a pull request: no more than the merge queue needs. */
export function renderPull(context: Context, pull: Pull): Record<string, unknown> {
  const { world } = context;
  const repository = world.tables.repositories.need(pull.repositoryId);
  const entry = entryOf(context, pull);
  return {
    id: nodeId("PR", pull.id),
    number: pull.number,
    headRefOid: pull.headSha,
    baseRefName: pull.baseRef,
    state:
      pull.mergedAt === null
        ? world.tables.issues.need(pull.issueId).state.toUpperCase()
        : "MERGED",
    isInMergeQueue: entry !== undefined,
    isMergeQueueEnabled: repository.rules[pull.baseRef]?.mergeQueue != null,
    mergeQueueEntry: () => (entry === undefined ? null : renderEntry(context, entry)),
    timelineItems: ({ last, itemTypes }: { last?: number; itemTypes?: string[] }) => {
      if (itemTypes?.join() !== "REMOVED_FROM_MERGE_QUEUE_EVENT" || last === undefined) {
        throw fieldError(
          "NOT_SIMULATED",
          "Of the timeline only removals from the queue are there.",
        );
      }
      const removals = world.tables.queueRemovals.filter(({ pullId }) => pullId === pull.id);
      return { nodes: removals.slice(-last).map((removal) => renderRemoval(context, removal)) };
    },
  };
}

function renderRemoval(context: Context, removal: QueueRemoval): Record<string, unknown> {
  const { actorId, reason, createdAt } = removal;
  const actor = renderActor(context, actorId);
  return { __typename: "RemovedFromMergeQueueEvent", actor, reason, createdAt };
}

function entryOf({ world }: Context, pull: Pull): QueueEntry | undefined {
  return world.tables.queueEntries.find(({ pullId }) => pullId === pull.id);
}

function needs({ identity }: Context, access: "read" | "write"): void {
  if (identity.kind !== "installation") return;
  try {
    requirePermission(identity.permissions, [["merge_queues", access]]);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw fieldError("FORBIDDEN", error.message);
  }
}

function writablePull(context: Context, id: string): { repository: Repository; pull: Pull } {
  const { world, identity } = context;
  const node = parseNodeId(id);
  const pull = node?.kind === "PR" ? world.tables.pulls.get(Number(node.id)) : undefined;
  const unknown = fieldError(
    "NOT_FOUND",
    `Could not resolve to a node with the global id of '${id}'`,
  );
  if (pull === undefined) throw unknown;
  const row = world.tables.repositories.need(pull.repositoryId);
  const [owner = "", repo = ""] = fullName(world, row).split("/");
  try {
    accessRepository(world, identity, { owner, repo }, [["pull_requests", "write"]]);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 404) throw unknown;
    throw fieldError("FORBIDDEN", error.message);
  }
  needs(context, "write");
  return { repository: row, pull };
}

/** Runs a change of the queue alone on its repository, and lets the queue go on after it. */
async function changing<Result>(
  context: Context,
  id: string,
  change: (repository: Repository, pull: Pull) => Promise<Result>,
): Promise<Result> {
  const { repository } = writablePull(context, id);
  return context.world.locked(repository.id, async () => {
    try {
      const { pull, repository: current } = writablePull(context, id);
      return await change(current, pull);
    } catch (error) {
      if (error instanceof ApiError) throw fieldError("UNPROCESSABLE", error.message);
      throw error;
    } finally {
      await settleMergeQueues(context, repository.id);
    }
  });
}

type EnqueueInput = {
  pullRequestId: string;
  expectedHeadOid?: string | null;
  jump?: boolean | null;
  clientMutationId?: string | null;
};

export async function enqueuePullRequest({ input }: { input: EnqueueInput }, context: Context) {
  const jump = input.jump ?? false;
  const entry = await changing(context, input.pullRequestId, async (repository, pull) => {
    if (jump && repository.rules[pull.baseRef]?.mergeQueue?.letsJump === false)
      throw fieldError("FORBIDDEN", "Nobody jumps this queue.");
    return enqueue(context, repository, pull, {
      expectedHead: input.expectedHeadOid ?? undefined,
      jump,
    });
  });
  return {
    clientMutationId: input.clientMutationId ?? null,
    mergeQueueEntry: () => {
      const row = context.world.tables.queueEntries.get(entry.id);
      return row === undefined ? null : renderEntry(context, row);
    },
  };
}

type DequeueInput = { id: string; clientMutationId?: string | null };

export async function dequeuePullRequest({ input }: { input: DequeueInput }, context: Context) {
  await changing(context, input.id, async (repository, pull) => {
    const entry = entryOf(context, pull);
    if (entry === undefined) throw new ApiError(422, `Failed to remove PR #${pull.number}`);
    await dequeue(context, repository, entry, "MANUAL");
  });
  return { clientMutationId: input.clientMutationId ?? null, mergeQueueEntry: null };
}
