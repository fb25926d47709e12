import type { Deployments } from "./deployments.ts";
import type { CheckConclusion, CheckRun, Commit, IssueComment } from "./github-things.ts";
import type { GitopsRepo } from "./gitops-repo.ts";
import type { Issues } from "./issues.ts";

/** GitHub, seen as one App. */
export interface CodeHost {
  /** Login of the App's own comments and pull requests: `sluice[bot]`. */
  login(): Promise<string>;
  /** Every installation that is not suspended. */
  installations(): Promise<readonly { id: number; account: string }[]>;
  /** One installation; every call carries the signal and spends that installation's budget. */
  installation(id: number, signal?: AbortSignal): Installation;
  /**
   * Deliveries of the App, newest first, no older than `since` (App-wide, at most three days). `failed`: only those
   * that nobody acknowledged.
   */
  deliveries(
    options: { since: Date; failed: boolean },
    signal?: AbortSignal,
  ): AsyncIterable<HookDelivery>;
  /** The stored body of one delivery, as JSON text. */
  delivery(id: string, signal?: AbortSignal): Promise<{ event: string; body: string }>;
}

export type HookDelivery = {
  /** 64-bit numbers, which do not fit into one of ours. */
  readonly id: string;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly installation: number | null;
  readonly deliveredAt: Date;
  /** Our server acknowledged it with a 2xx. */
  readonly acknowledged: boolean;
};

/** One installation: its repositories and nothing of any other. */
export interface Installation {
  readonly id: number;
  repositories(): Promise<readonly RepositoryInfo[]>;
  repository(name: string): GitopsRepo;
  checkRuns(repository: string): CheckRuns;
  conversation(repository: string): Conversation;
  issues(repository: string): Issues;
  deployments(repository: string): Deployments;
  source(repository: string): SourceRepo;
  /** Role of a person on a repository. Fails closed: an error is never a permission. */
  permission(
    repository: string,
    login: string,
  ): Promise<"none" | "read" | "triage" | "write" | "maintain" | "admin">;
  /**
   * Is the person an active member of the owner's team, child teams included? `unknown`: GitHub does not let the App
   * see it.
   */
  teamMember(owner: string, team: string, login: string): Promise<"yes" | "no" | "unknown">;
}

export type RepositoryInfo = {
  /** `owner/name` */
  readonly name: string;
  readonly defaultBranch: string;
  readonly pushedAt: Date | null;
  readonly archived: boolean;
};

export interface CheckRuns {
  /** All runs of a commit, complete; filtered by name where given. */
  list(revision: string, name?: string): Promise<readonly CheckRun[]>;
  /** Commit statuses (latest of each context) beside check runs, for the gate `checks`. */
  statuses(revision: string): Promise<readonly { context: string; state: string }[]>;
  /**
   * Creates or updates the run with this name and external id on the revision. A completed run is not reopened: what
   * differs becomes a new run of the same name. Nothing is written when nothing changed.
   */
  report(run: CheckReport): Promise<CheckRun>;
  /** Has the next report of this run become a new run, although it may say the same: somebody asked for that. */
  renew(run: Pick<CheckReport, "revision" | "name" | "externalId">): Promise<void>;
}

export type CheckReport = {
  readonly revision: string;
  readonly name: string;
  readonly externalId: string;
  readonly status: "queued" | "in_progress" | "completed";
  /** Required exactly when completed. */
  readonly conclusion: CheckConclusion | null;
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  readonly annotations?: readonly CheckAnnotation[];
  /** Buttons; the identifier comes back with the click. At most three. */
  readonly actions?: readonly {
    readonly label: string;
    readonly description: string;
    readonly identifier: string;
  }[];
};

export type CheckAnnotation = {
  readonly path: string;
  readonly line: number;
  readonly level: "notice" | "warning" | "failure";
  readonly message: string;
};

/** Comments and reactions of issues and pull requests in one repository. */
export interface Conversation {
  comments(number: number): Promise<readonly IssueComment[]>;
  /** The one sticky comment: found by marker and our own authorship, edited only when it differs. */
  stick(number: number, marker: string, body: string): Promise<void>;
  /** An answer to one command; found by its marker, so that a second run does not answer twice. */
  reply(number: number, marker: string, body: string): Promise<void>;
  /** A reaction can be given once: it is new, or the one that stood there. */
  react(commentId: number, reaction: Reaction): Promise<{ id: number; isNew: boolean }>;
  /** Takes one of our own reactions away, by its id; it may be gone already. */
  takeBack(commentId: number, reactionId: number): Promise<void>;
  /** Our own reactions on a comment. */
  reactions(commentId: number): Promise<readonly Reaction[]>;
}

export type Reaction = "eyes" | "rocket" | "confused" | "-1";

/** The repository that an artifact was built from, read only. */
export interface SourceRepo {
  readonly name: string;
  /** A full or short SHA, or a tag name. `not-visible`: there is no such repository, or the App is not installed there. */
  resolve(
    text: string,
  ): Promise<
    | { readonly kind: "found"; readonly commit: Commit }
    | { readonly kind: "absent" | "ambiguous" | "not-visible" }
  >;
  /** `head` seen from `base`; `files` are the paths that differ, null when GitHub cut the list (300). */
  compare(base: string, head: string): Promise<Comparison>;
  /**
   * Whose change a commit is: logins of whoever opened the merged pull requests that brought it, else of whoever wrote
   * it; empty where GitHub knows nobody, null where the repository is not visible.
   */
  authors(revision: string): Promise<readonly string[] | null>;
  /** Successful runs of a workflow on a branch, newest first. */
  successfulRuns(
    workflow: string,
    branch: string,
    limit: number,
  ): Promise<readonly { revision: string; at: Date }[]>;
  /** What GitHub keeps as attestations of an image (`sha256:…`): evidence only once each has been verified. */
  attestations(digest: string): Promise<AttestationsRead>;
}

export type AttestationsRead =
  /** Sigstore bundles as JSON, in no order that means anything. */
  | { readonly kind: "found"; readonly bundles: readonly unknown[] }
  | { readonly kind: "refused"; readonly sentence: string; readonly remedy: string };

export type Comparison =
  | {
      readonly status: "ahead" | "behind" | "identical" | "diverged";
      readonly files: readonly string[] | null;
    }
  | { readonly status: "unknown" }
  /** There is no such repository, or the App is not installed there. */
  | { readonly status: "not-visible" };
