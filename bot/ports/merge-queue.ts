import type { QueueRemoval } from "#core/queue-removal.ts";

/** GitHub's merge queue of one branch. */
export interface MergeQueues {
  look(branch: string): Promise<QueueLook>;
  /** One pull request, as the queue of its base sees it. */
  place(number: number): Promise<QueuePlace>;
  /**
   * Puts exactly this head last into the queue; with `jump` first, where GitHub lets the App. One that is in it already
   * is no error.
   */
  enqueue(options: { number: number; head: string; jump?: boolean }): Promise<EnqueueResult>;
  /** Takes a pull request out, whoever put it in. One that is not in it is out. */
  dequeue(number: number): Promise<DequeueResult>;
}

export type QueueLook =
  /** The branch has no merge queue. */
  | { readonly kind: "none" }
  /** In the order in which they are merged. */
  | { readonly kind: "queue"; readonly entries: readonly QueueEntry[] }
  /** GitHub does not let the App see it; the sentence says what to do. */
  | { readonly kind: "unreadable"; readonly sentence: string };

export type QueueEntry = {
  readonly number: number;
  readonly head: string;
  /** Login of whoever put it in; null where GitHub does not say. */
  readonly by: string | null;
  /** The commit that its checks run on, together with all that is before it; null until it is built. */
  readonly group: string | null;
};

export type QueuePlace = {
  readonly head: string;
  readonly queued: boolean;
  /** Oldest first; the last twenty. */
  readonly removals: readonly QueueRemoval[];
};

export type EnqueueResult =
  | { readonly kind: "queued" }
  | { readonly kind: "head-moved" }
  | { readonly kind: "not-yet" | "blocked"; readonly reason: string; readonly sentence: string };

export type DequeueResult =
  | { readonly kind: "out" }
  /** GitHub keeps it in: it is being merged just now, or the App may not. */
  | { readonly kind: "refused"; readonly sentence: string };
