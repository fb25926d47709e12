import type { Review } from "#core/approval.ts";

import type { Commit, FileEntry, PullRequest } from "./github-things.ts";
import type { MergeQueues } from "./merge-queue.ts";

/** Text that goes into one file of a commit. */
export type FileEdit = {
  readonly path: string;
  readonly text: string;
  /** Git's mode as the file has it; `100644` where nothing is said, `100755` for an executable one. */
  readonly mode?: string;
};

/**
 * The Git side of one repository: what stands where, and the writes of one promotion. Every write can be repeated: it
 * is a compare-and-swap, or finds what it would create. Unknown outcomes are read again inside.
 */
export interface GitopsRepo {
  /** `owner/name` */
  readonly name: string;
  /** The default branch and where it stands now (conditional request); `web` is the origin of GitHub's pages. */
  head(): Promise<{ branch: string; revision: string; web: string }>;
  /** Every file of a commit, keyed by path. Immutable, cached by SHA. A truncated answer is walked. */
  files(revision: string): Promise<ReadonlyMap<string, FileEntry>>;
  /**
   * The contents of blobs, keyed by blob SHA. Cached by SHA; what is missing is read one by one up to 50, else in one
   * archive of `revision`. `entries` are of that revision.
   */
  contents(
    revision: string,
    entries: readonly FileEntry[],
  ): Promise<ReadonlyMap<string, Uint8Array>>;
  /**
   * One file of the default branch, as text, for the one repository-wide question "is there a policy?"; null when
   * there is none. Everything else goes through `files` and `contents`.
   */
  readFile(path: string): Promise<string | null>;
  commit(revision: string): Promise<Commit>;
  /** Commits that touched a path, newest first, seen from a revision. */
  commitsTouching(path: string, from: string, limit: number): Promise<readonly Commit[]>;
  /** Is `ancestor` contained in `descendant` (or equal)? Immutable where the answer is yes or no. */
  contains(ancestor: string, descendant: string): Promise<"yes" | "no" | "unknown">;

  /** Where a branch stands; null when it does not exist. */
  branch(name: string): Promise<string | null>;
  /**
   * One commit with these files on top of a parent, unreferenced until a branch points to it; null without an edit. The
   * edits are read one after the other while GitHub takes those before them; the message is asked for after the last.
   */
  createCommit(options: {
    parent: string;
    edits: Iterable<FileEdit>;
    message: () => string;
  }): Promise<Commit | null>;
  /**
   * Moves (`from` → `to`), creates (`from: null`) or deletes (`to: null`) a branch, only if it stands where `from`
   * says.
   */
  moveBranch(options: {
    branch: string;
    from: string | null;
    to: string | null;
  }): Promise<MoveResult>;

  /**
   * Pull requests, newest update first, all states. With `updatedSince`, stops after those (inclusive); `atMost` caps
   * the pages of 100. `complete` is false when the cap cut the list.
   */
  pullRequests(options: {
    updatedSince: Date | null;
    atMost: number;
  }): Promise<{ pulls: readonly PullRequest[]; complete: boolean }>;
  /** All pull requests, open or not, whose head is this branch of this very repository; newest first. */
  pullRequestsOf(branch: string): Promise<readonly PullRequest[]>;
  pullRequest(number: number): Promise<PullRequest>;
  /** What people said of it in reviews, in the order in which they were submitted. */
  reviews(number: number): Promise<readonly Review[]>;
  /** Who closed it, from the issue; null while open or unknown. */
  closedBy(number: number): Promise<string | null>;
  /** Opens the one pull request of head and base, or finds the one that is open. */
  openPullRequest(options: {
    head: string;
    base: string;
    title: string;
    body: string;
  }): Promise<OpenResult>;
  editPullRequest(
    number: number,
    change: { title?: string; body?: string; state?: "closed" },
  ): Promise<PullRequest>;
  addLabels(number: number, labels: readonly string[]): Promise<void>;
  /** Merges exactly this head. Never retried blindly: every refusal is a union member. */
  merge(options: {
    number: number;
    head: string;
    title: string;
    message: string;
  }): Promise<MergeResult>;
  /** GitHub's merge queues, where branches have one. */
  readonly mergeQueues: MergeQueues;
}

export type MoveResult =
  | { readonly kind: "moved" }
  /** It stood elsewhere: nothing was done. */
  | { readonly kind: "changed" }
  /** GitHub does not allow it: another branch's name is in the way, or a rule. */
  | { readonly kind: "refused"; readonly sentence: string };

export type OpenResult =
  | { readonly kind: "opened" | "found"; readonly pull: PullRequest }
  /** GitHub sees no difference between head and base: already there. */
  | { readonly kind: "no-difference" }
  | { readonly kind: "refused"; readonly reason: string; readonly sentence: string };

export type MergeResult =
  | { readonly kind: "merged"; readonly revision: string }
  /** Will pass by itself: mergeability is being computed, the base has just moved. Look again. */
  | { readonly kind: "not-yet"; readonly reason: string; readonly sentence: string }
  /** The head is not what was expected: nothing was merged. */
  | { readonly kind: "head-moved" }
  /** Somebody has to do something: conflicts, branch rules, a method that is not allowed. */
  | { readonly kind: "blocked"; readonly reason: string; readonly sentence: string };
