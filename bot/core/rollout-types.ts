import type { Artifact } from "./artifact.ts";
import type { TreeNode } from "./rollout-images.ts";

/** What a rollout waits to see in one application. */
export type Promoted = {
  readonly artifact: Artifact;
  /** The newest commit of the GitOps repository that brought the artifact to this target. */
  readonly commit: string;
  /** `owner/name` of the GitOps repository. */
  readonly repository: string;
  /** Sent along with our own syncs, and how they are recognised. */
  readonly promotionId: string;
  /** When the rollout began: the merge, or when the artifact was first seen there. */
  readonly since: Date;
  /** What failed before this moment does not count: a person asked to try again. */
  readonly retriedAt: Date | null;
};

/**
 * Where one target stands.
 *
 * - `blocked` cannot go on: errors in conditions, no such application, no rights, a closed sync window.
 * - `waiting` for Argo CD to compare with a revision that contains the commit.
 * - `superseded` the values there hold something else by now.
 * - `stale` the last comparison may be older than the last operation.
 * - `ambiguous` images of the artifact and others, `mismatch` others only.
 * - `settling` everything is as it should be and has to stay so for a moment more.
 * - `healthy`, `failed`, `superseded` and `timed-out` are final.
 */
export type TargetRollout =
  | "blocked"
  | "waiting"
  | "superseded"
  | "syncing"
  | "stale"
  | "out-of-sync"
  | "progressing"
  | "paused"
  | "degraded"
  | "ambiguous"
  | "mismatch"
  | "settling"
  | "healthy"
  | "failed"
  | "timed-out";

/** What only somebody else can tell; the flow answers and judges again. */
export type RolloutQuestion =
  /** Does a revision contain the commit, and do its values still hold the artifact? */
  | { readonly kind: "revision"; readonly revision: string }
  /** The resource tree. */
  | { readonly kind: "tree" }
  /** The same where it can be read, else nothing: it only says why, and decides nothing. */
  | { readonly kind: "pods" }
  /** The images of the live manifests. */
  | { readonly kind: "manifests" }
  /** Does this ApplicationSet sync its applications step by step? */
  | { readonly kind: "owner"; readonly owner: string }
  /** Does a sync window forbid syncing now? */
  | { readonly kind: "window" };

export type RevisionAnswer = {
  readonly contains: "yes" | "no" | "unknown";
  /** Meaningful where `contains` is yes. `unreadable`: the file cannot be read there, `sentence` says why. */
  readonly holds: "yes" | "no" | "unreadable";
  readonly sentence: string;
};

export type RolloutAnswers = {
  readonly revision: (revision: string) => RevisionAnswer | undefined;
  readonly tree?: readonly TreeNode[];
  readonly pods?: readonly TreeNode[];
  readonly manifests?: readonly string[];
  readonly owner?: "progressive" | "free" | "unknown";
  readonly window?: "open" | "closed";
};

/**
 * What is remembered of one target between two looks: times in milliseconds since the epoch, counts, and what was
 * found unambiguous. Losing it costs time, never correctness.
 */
export type RolloutMemory = {
  readonly refreshedAt?: number;
  readonly refreshes?: number;
  readonly hardRefreshedAt?: number;
  readonly freshenedAt?: number;
  /** Our last sync request, and what Argo CD had against it. */
  readonly syncedAt?: number;
  readonly syncRefusal?: string;
  readonly blockedSince?: number;
  readonly progressingSince?: number;
  readonly degradedSince?: number;
  readonly mixedSince?: number;
  readonly mismatchSince?: number;
  readonly settledSince?: number;
  readonly outOfSyncSince?: number;
  readonly treeAt?: number;
  /** When its pods were looked at, and why they do not start, one a line. */
  readonly podsAt?: number;
  readonly podTrouble?: string;
  /** The images that the tree has explained. */
  readonly treeExplains?: string;
  readonly manifestsAt?: number;
  /** The revision whose live manifests showed the artifact. */
  readonly manifestsShow?: string;
  readonly windowAt?: number;
  readonly windowClosed?: boolean;
  /** GETs of this application, the last one, and the version that it showed: older lists are dropped. */
  readonly looks?: number;
  readonly lookedAt?: number;
  readonly version?: number;
};

/** What the flow is to do with the application now. `freshen` is a refresh that looks at a sync's outcome. */
export type RolloutAct = "refresh" | "refresh-hard" | "freshen" | "sync";

export type Judgement =
  | { readonly kind: "question"; readonly question: RolloutQuestion }
  | {
      readonly kind: "judged";
      readonly state: TargetRollout;
      /** For a person, in our own words. */
      readonly sentence: string;
      /** What Argo CD says of it, raw: to be shown inert. */
      readonly detail: string | null;
      readonly act: RolloutAct | null;
      /** Where this was decided on a list: it has to be seen in a fresh GET before it counts. */
      readonly confirm: boolean;
      /** Without the act: `rememberAct` adds it once it is done. */
      readonly memory: RolloutMemory;
      /** What failed was the sync, not what came of it. */
      readonly failure?: "sync" | undefined;
      /** It progresses, and its new pods do not start: somebody should hear of it before Argo CD gives up. */
      readonly stuck?: true | undefined;
    };

export type Judged = Extract<Judgement, { kind: "judged" }>;

/** Everything that one judgement is made from. */
export type RolloutLook = {
  readonly promoted: Promoted;
  readonly answers: RolloutAnswers;
  readonly memory: RolloutMemory;
  readonly now: Date;
};

/** The target's rollout is over. */
export function isFinal(state: TargetRollout): boolean {
  return ["healthy", "failed", "superseded", "timed-out"].includes(state);
}
