export type Protection = {
  requiredChecks: { context: string; appId: number | null }[];
  /** The head must contain the base. */
  strict: boolean;
  requiredApprovals: number;
  dismissStaleReviews: boolean;
  enforceAdmins: boolean;
  linearHistory: boolean;
  locked: boolean;
  allowForcePushes: boolean;
  allowDeletions: boolean;
};

export type MergeMethod = "merge" | "squash" | "rebase";

/** What the rulesets of a branch ask for together. */
export type Rules = {
  requiredChecks: string[];
  requiredApprovals: number;
  /** Logins; one of them must approve. */
  codeOwners: string[];
  linearHistory: boolean;
  signatures: boolean;
  locked: boolean;
  /** Null: whatever the repository allows. */
  mergeMethods: MergeMethod[] | null;
  /** Null: none is required. */
  mergeQueue: { method: MergeMethod; mostToBuild: number; letsJump: boolean } | null;
};

/** A pull request in the merge queue of its base; the lowest place is next. */
export type QueueEntry = {
  id: number;
  repositoryId: number;
  branch: string;
  pullId: number;
  /** What was put in; a head that moves takes the pull request out. */
  headSha: string;
  enqueuerId: number;
  place: number;
  /** It was put before all that were there. */
  jump: boolean;
  enqueuedAt: string;
  /** The commit that checks run on, what it stands on, and its branch. */
  group: { sha: string; base: string; ref: string } | null;
};

export type RemovalReason =
  | "UNKNOWN_REMOVAL_REASON"
  | "MANUAL"
  | "MERGE_CONFLICT"
  | "CI_FAILURE"
  | "BRANCH_PROTECTIONS";

/** An entry of a pull request's timeline. */
export type QueueRemoval = {
  id: number;
  pullId: number;
  actorId: number;
  reason: RemovalReason;
  createdAt: string;
};
