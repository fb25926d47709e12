import { ZERO_SHA } from "../git/refs.ts";
import { ApiError } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import { renderSimpleCommit } from "../render/commit.ts";
import { ensureAccount } from "../state/accounts.ts";
import type { QueueEntry, RemovalReason } from "../state/merge-rules.ts";
import type { Pull, Repository } from "../state/records.ts";
import { isoDate } from "../state/world.ts";
import type { World } from "../state/world.ts";
import { emit } from "./emit.ts";
import { mergedCommit } from "./merge-pull.ts";
import { requiredChecksOn, unmetRequirements } from "./merge-state.ts";
import { closePull, tellPull } from "./pull-follow.ts";
import { moveRefs } from "./push.ts";

type Queue = { repository: Repository; branch: string };

/** More rounds than any queue of a test takes; an endless one would be the simulator's own defect. */
const MOST_ROUNDS = 1_000;

/** The entries of one branch's queue, the next one first. */
export function queueEntries(
  { world }: Pick<Work, "world">,
  { repository, branch }: Queue,
): QueueEntry[] {
  return world.tables.queueEntries
    .filter((row) => row.repositoryId === repository.id && row.branch === branch)
    .toSorted((one, other) => one.place - other.place);
}

/**
 * Puts a pull request last into the queue of its base, or first with `jump`; throws in GitHub's words where it may not.
 * What is behind one that jumped is built anew on top of it.
 */
export async function enqueue(
  work: Work,
  repository: Repository,
  pull: Pull,
  { expectedHead, jump = false }: { expectedHead?: string | undefined; jump?: boolean } = {},
): Promise<QueueEntry> {
  const { world, actor } = work;
  const refuse = (message: string): ApiError => new ApiError(422, `Pull request ${message}`);
  const queue = { repository, branch: pull.baseRef };
  if (repository.rules[pull.baseRef]?.mergeQueue == null) {
    throw refuse("Merge queue is not enabled for this branch");
  }
  if (world.tables.issues.need(pull.issueId).state !== "open") throw refuse("is closed");
  if (pull.draft) throw refuse("is in draft state");
  if (expectedHead !== undefined && expectedHead !== pull.headSha) {
    throw refuse("Head branch was modified. Review and try the merge again.");
  }
  const before = queueEntries(work, queue);
  if (before.some(({ pullId }) => pullId === pull.id)) {
    throw refuse("is already in the queue");
  }
  const [unmet] = unmetRequirements(world, repository, pull);
  if (unmet !== undefined) throw refuse(unmet);
  const entry = world.tables.queueEntries.insert({
    id: world.nextId("other"),
    repositoryId: repository.id,
    branch: pull.baseRef,
    pullId: pull.id,
    headSha: pull.headSha,
    enqueuerId: actor.account.id,
    place: jump ? (before[0]?.place ?? 0) - 1 : (before.at(-1)?.place ?? 0) + 1,
    jump,
    enqueuedAt: world.date(),
    group: null,
  });
  touch(work, pull);
  await tellPull(work, repository, pull.id, "enqueued");
  return entry;
}

/** Takes a pull request out; what was built with it goes too, and is built anew without it. */
export async function dequeue(
  work: Work,
  repository: Repository,
  entry: QueueEntry,
  reason: RemovalReason,
): Promise<void> {
  const { world, actor } = work;
  world.tables.queueEntries.delete(entry.id);
  const pull = world.tables.pulls.need(entry.pullId);
  world.tables.queueRemovals.insert({
    id: world.nextId("other"),
    pullId: pull.id,
    actorId: actor.account.id,
    reason,
    createdAt: world.date(),
  });
  touch(work, pull);
  if (entry.group !== null) await destroy(work, repository, entry, "dequeued");
  await tellPull(work, repository, pull.id, "dequeued", { reason });
}

/** Lets every queue of a repository go on: called after whatever may have changed what it waits for. */
export async function settleMergeQueues(
  caller: Pick<Work, "world" | "outbox">,
  repositoryId: number,
): Promise<void> {
  const { world } = caller;
  const waiting = world.tables.queueEntries.filter((row) => row.repositoryId === repositoryId);
  if (waiting.length === 0) return;
  const account = ensureAccount(world, "github-merge-queue[bot]");
  const actor = { account, app: null, installation: null };
  const work: Work = { world, outbox: caller.outbox, actor };
  for (const branch of new Set(waiting.map((entry) => entry.branch))) {
    for (let round = 0; ; round += 1) {
      if (round === MOST_ROUNDS) throw new Error(`the merge queue of ${branch} never settles`);
      const repository = world.tables.repositories.need(repositoryId);
      if (!(await step(work, { repository, branch }))) break;
    }
  }
}

/** One thing that the queue does by itself; false when there is nothing left to do now. */
async function step(work: Work, queue: Queue): Promise<boolean> {
  const { repository, branch } = queue;
  const entries = queueEntries(work, queue);
  for (const entry of entries) {
    const reason = reasonToLeave(work, queue, entry);
    if (reason === null) continue;
    await dequeue(work, repository, entry, reason);
    return true;
  }
  const tip = work.world.git(repository).refs.get(`refs/heads/${branch}`) ?? ZERO_SHA;
  let below = tip;
  for (const entry of entries.slice(0, repository.rules[branch]?.mergeQueue?.mostToBuild ?? 0)) {
    if (entry.group === null) return build(work, queue, entry, below);
    if (entry.group.base !== below) {
      await destroy(work, repository, entry, "invalidated");
      work.world.tables.queueEntries.update(entry.id, { group: null });
      return true;
    }
    below = entry.group.sha;
  }
  const [next] = entries;
  if (next?.group == null) return false;
  if (requiredChecksOn(work.world, repository, branch, next.group.sha) !== "success") return false;
  await merge(work, queue, next, next.group);
  return true;
}

function reasonToLeave(
  { world }: Work,
  { repository, branch }: Queue,
  { pullId, headSha, group }: QueueEntry,
): RemovalReason | null {
  const pull = world.tables.pulls.need(pullId);
  if (world.tables.issues.need(pull.issueId).state === "closed") return "MANUAL";
  if (pull.headSha !== headSha) return "UNKNOWN_REMOVAL_REASON";
  const failed =
    group !== null && requiredChecksOn(world, repository, branch, group.sha) === "failure";
  if (failed) return "CI_FAILURE";
  return unmetRequirements(world, repository, pull).length > 0 ? "BRANCH_PROTECTIONS" : null;
}

/** A commit on top of what is before it in the queue, on a branch of its own, and a request for its checks. */
async function build(
  work: Work,
  { repository, branch }: Queue,
  entry: QueueEntry,
  base: string,
): Promise<boolean> {
  const { world } = work;
  const pull = world.tables.pulls.need(entry.pullId);
  const method = repository.rules[branch]?.mergeQueue?.method ?? "merge";
  const wish = { method, sha: undefined, title: undefined, message: undefined };
  let sha: string;
  try {
    sha = await mergedCommit({ ...work, world: later(world, pull) }, repository, pull, wish, base);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    await dequeue(work, repository, entry, "MERGE_CONFLICT");
    return true;
  }
  const ref = `refs/heads/gh-readonly-queue/${branch}/pr-${pull.number}-${base}`;
  const group = { sha, base, ref };
  world.tables.queueEntries.update(entry.id, { group });
  await moveRefs(work, repository, [{ ref, after: sha }]);
  await tellGroup(work, repository, { ...entry, group }, "checks_requested");
  return true;
}

/** Tests build twice within a second: a commit is never the same as one that an earlier check has failed on. */
function later(world: World, pull: Pull): World {
  const { queueRemovals } = world.tables;
  const before = queueRemovals.filter(({ pullId }) => pullId === pull.id).length;
  return { ...world, date: () => isoDate(world.now() + before * 1_000) };
}

async function merge(
  work: Work,
  { repository, branch }: Queue,
  entry: QueueEntry,
  { sha, base }: NonNullable<QueueEntry["group"]>,
): Promise<void> {
  const { world } = work;
  world.tables.queueEntries.delete(entry.id);
  const pull = world.tables.pulls.update(entry.pullId, { baseSha: base });
  await tellPull(work, repository, pull.id, "dequeued", { reason: "MERGE" });
  await closePull(work, repository, pull, { sha });
  await moveRefs(work, repository, [{ ref: `refs/heads/${branch}`, before: base, after: sha }]);
  await destroy(work, repository, entry, "merged");
  if (repository.deleteBranchOnMerge && pull.headRepositoryId === repository.id) {
    await moveRefs(work, repository, [{ ref: `refs/heads/${pull.headRef}`, after: ZERO_SHA }]);
  }
}

async function destroy(
  work: Work,
  repository: Repository,
  entry: QueueEntry,
  reason: "merged" | "invalidated" | "dequeued",
): Promise<void> {
  if (entry.group === null) return;
  await tellGroup(work, repository, entry, "destroyed", { reason });
  await moveRefs(work, repository, [{ ref: entry.group.ref, after: ZERO_SHA }]);
}

async function tellGroup(
  work: Work,
  repository: Repository,
  { group, branch }: QueueEntry,
  action: "checks_requested" | "destroyed",
  extra: Record<string, unknown> = {},
): Promise<void> {
  if (group === null) return;
  emit(work, { event: "merge_group", action }, repository, {
    ...extra,
    merge_group: {
      head_sha: group.sha,
      head_ref: group.ref,
      base_sha: group.base,
      base_ref: `refs/heads/${branch}`,
      head_commit: renderSimpleCommit(await work.world.git(repository).commitOrFail(group.sha)),
    },
  });
}

function touch({ world }: Work, pull: Pull): void {
  world.tables.issues.update(pull.issueId, { updatedAt: world.date() });
}
