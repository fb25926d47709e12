/** A regular file of a commit. Links, submodules and executables keep their mode, so that they can be refused. */
export type FileEntry = {
  readonly path: string;
  /** Blob SHA. */
  readonly sha: string;
  /** Git's mode: `100644` is a regular file. */
  readonly mode: string;
  /** Bytes. */
  readonly size: number;
};

export type Commit = {
  readonly revision: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  /** Login of the author where GitHub knows one (`sluice[bot]`), else null. */
  readonly author: string | null;
  /** The committer's time. */
  readonly at: Date;
};

export type PullRequest = {
  readonly number: number;
  readonly state: "open" | "closed";
  readonly title: string;
  readonly body: string;
  /** Login: `sluice[bot]` for our own. */
  readonly author: string;
  /** Branch name without owner. */
  readonly headBranch: string;
  readonly headRevision: string;
  /** False for a fork, or for a head repository that is gone. */
  readonly sameRepository: boolean;
  readonly baseBranch: string;
  readonly baseRevision: string;
  readonly draft: boolean;
  readonly mergedAt: Date | null;
  readonly mergeRevision: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly closedAt: Date | null;
  readonly url: string;
  readonly labels: readonly string[];
};

export type CheckRun = {
  readonly id: number;
  readonly name: string;
  readonly revision: string;
  readonly externalId: string;
  readonly status: "queued" | "in_progress" | "completed" | "waiting" | "requested" | "pending";
  readonly conclusion: CheckConclusion | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  /** True for a run of this very App. */
  readonly ours: boolean;
};

export type CheckConclusion =
  | "success"
  | "failure"
  | "neutral"
  | "cancelled"
  | "skipped"
  | "timed_out"
  | "action_required"
  | "stale";

export type IssueComment = {
  readonly id: number;
  readonly author: string;
  readonly authorIsBot: boolean;
  readonly body: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
