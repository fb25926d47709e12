import type { QueueLook } from "#ports/merge-queue.ts";

import type { Memory } from "./remember.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** What is known of a repository's merge queues; found out again by looking. */
type QueueNote = {
  /** The default branch has one. */
  readonly exists: boolean;
  /** Other branches whose merge groups Sluice was asked about. */
  readonly others?: readonly string[];
};

const note = "merge-queue";
/** More than a platform has release branches with a queue of their own. */
const mostOthers = 10;

/**
 * The merge queue of the default branch, looked at once a run; a repository that is known to have none costs no
 * request. `wanted`: looks all the same, since the policy or GitHub says that there is one.
 */
export async function lookAtQueue(
  context: RepositoryContext,
  branch: string,
  wanted = false,
): Promise<QueueLook> {
  const known = await context.memory.get<QueueNote>(note);
  if (known?.exists === false && !wanted) return { kind: "none" };
  const looks = looking.get(context) ?? new Map<string, Promise<QueueLook>>();
  looking.set(context, looks);
  const look = looks.get(branch) ?? context.repository.mergeQueues.look(branch);
  looks.set(branch, look);
  const found = await look;
  const exists = found.kind === "queue";
  if (known?.exists !== exists) await context.memory.set(note, { ...known, exists });
  return found;
}

const looking = new WeakMap<RepositoryContext, Map<string, Promise<QueueLook>>>();

/** Something was put in or taken out: whoever looks next sees it. */
export function lookAtQueueAgain(context: RepositoryContext): void {
  looking.delete(context);
}

/** GitHub asks for the checks of a merge group of this branch: there is a queue. */
export async function noteQueue(
  memory: Memory,
  { branch, defaultBranch }: { branch: string; defaultBranch: string },
): Promise<void> {
  const known = await memory.get<QueueNote>(note);
  if (branch === defaultBranch) {
    if (known?.exists !== true) await memory.set(note, { ...known, exists: true });
    return;
  }
  const others = known?.others ?? [];
  if (others.includes(branch)) return;
  await memory.set(note, {
    exists: known?.exists ?? false,
    others: [branch, ...others].slice(0, mostOthers),
  } satisfies QueueNote);
}

/** Branches beside the default one whose queues have asked before. */
export async function otherQueues(memory: Memory): Promise<readonly string[]> {
  return (await memory.get<QueueNote>(note))?.others ?? [];
}

/** The sentence that says so, while this very head is in the queue; else null. */
export async function queuedAs(
  memory: Memory,
  number: number,
  head: string,
): Promise<string | null> {
  const queued = await memory.get<QueuedNote>(queuedNote(number));
  return queued?.head === head ? queued.sentence : null;
}

/** Remembers that this head is in the queue; null: none is. */
export async function setQueued(
  memory: Memory,
  number: number,
  queued: QueuedNote | null,
): Promise<void> {
  if (queued === null && (await memory.get<QueuedNote>(queuedNote(number))) === null) return;
  await memory.set(queuedNote(number), queued ?? { head: "", sentence: "" });
}

type QueuedNote = { readonly head: string; readonly sentence: string };

function queuedNote(number: number): string {
  return `queued/${number}`;
}
