import type { Approval } from "./approval.ts";
import { formatArtifact, type Artifact } from "./artifact.ts";
import type { Freeze } from "./freeze.ts";
import { gateQuestionKey, type GateAnswer, type GateQuestion } from "./gate-question.ts";
import type { GateResult } from "./gate.ts";
import type { Policy } from "./policy.ts";
import type { SideKind } from "./side-kind.ts";
import { streamKey, type Stream, type Target, type TargetState } from "./target.ts";
import type { Verdict } from "./verdict.ts";

/** Everything that a plan is made from. Same input, same plan: there is no clock and no chance in it. */
export type PlanInput = {
  readonly now: Date;
  readonly policy: Policy;
  /** Environment by environment in the policy's order, then service, then ring. */
  readonly streams: readonly StreamState[];
  /** By service: what has been published, in no order. */
  readonly candidates: ReadonlyMap<string, readonly Artifact[]>;
  /** Names of the Argo CD instances that the settings configure. */
  readonly deployers: readonly string[];
  /** Of all environments, from the policy, from people and from spent error budgets; also those that come later. */
  readonly freezes: readonly Freeze[];
  /** What has been found out so far about the questions of an earlier pass. */
  readonly answers: ReadonlyMap<string, Answer>;
};

/** One stream as it was observed. */
export type StreamState = {
  readonly stream: Stream;
  /** Those that move with their ring. */
  readonly targets: readonly TargetState[];
  /** Pinned and excluded ones: nothing moves them, and nothing waits for them. */
  readonly staying?: readonly TargetState[];
  /**
   * What the readable targets hold, grouped by artifact, each with the commit that brought it there. A group has its
   * verdict when `verdicts` has one of the same artifact AND the same commit: a revert brings an artifact back that was
   * verified before, and still needs a rollout of its own. Whether an artifact counts as verified is another question:
   * there the newest verdict on the artifact decides, whatever its commit.
   */
  readonly desired: readonly DesiredArtifact[];
  /** Newest first: at most one entry an artifact and commit. */
  readonly verdicts: readonly Verdict[];
  /** The open pull request of the stream's own branch. */
  readonly open: OpenPromotion | null;
  readonly holds: readonly Hold[];
  readonly vetoes: readonly Veto[];
  /** Open promotions beside the stream's own one. */
  readonly sides?: readonly OpenSide[];
  /** Rollbacks of this stream that are over. */
  readonly pastRollbacks?: readonly PastRollback[];
};

/** An open promotion beside the stream's own one. */
export type OpenSide = {
  readonly kind: SideKind;
  /** The promotion's id. */
  readonly id: string;
  readonly open: OpenPromotion;
  /** Tenants that hold something else than what its commit replaced: they have moved on since. */
  readonly overtaken: readonly string[];
};

/** Merged or closed; `mergeRevision` is null where it was closed. */
export type PastRollback = { readonly openedAt: Date; readonly mergeRevision: string | null };

/** One artifact that Git wants in a stream, and the commit that brought it. */
export type DesiredArtifact = {
  readonly artifact: Artifact;
  readonly commit: string;
  readonly broughtAt: Date;
  /** What its commit replaced, as far as that is known. */
  readonly previous: Artifact | null;
  /** When a pull request brought it while Sluice watched; null for a push, and for what was there before Sluice. */
  readonly mergedAt: Date | null;
  /** It came after Sluice's first promotion into the stream, by whatever way; not where it is not stated. */
  readonly watched?: boolean;
  readonly tenants: readonly string[];
};

/** An open promotion as GitHub shows it. */
export type OpenPromotion = {
  readonly number: number;
  readonly head: string;
  readonly artifact: Artifact;
  /** The tenants that its commit moves, from the commit's tree, not from the body. */
  readonly tenants: readonly string[];
  /** Those that it should move too, and whose files must not be edited. */
  readonly left?: readonly string[];
  /** `person`: somebody else's commit is on the branch; Sluice then neither pushes nor merges. */
  readonly ownership: "sluice" | "person";
  /** People who wrote `/promote` for exactly this head. */
  readonly consents: readonly Consent[];
  /** What people said by `/approve` of exactly this head. */
  readonly approvals?: readonly Approval[];
  /** Who asked for this promotion by a command; absent or null: nobody did. */
  readonly requestedBy?: string | null;
};

export type Consent = { readonly by: string; readonly at: Date; readonly head: string };

/** A stop on automatic promotion into a stream. */
export type Hold = {
  readonly reason:
    | "moved-backwards"
    | "rollout-failed"
    | "digest-moved"
    | "merged-differently"
    | "person";
  readonly sentence: string;
  readonly since: Date;
  /** The artifact whose failure it is; a strictly newer one may pass. Null: nothing may pass until `/resume`. */
  readonly artifact: Artifact | null;
};

/** A promotion closed unmerged by a person: that artifact, and all that is not its strict descendant, stays out. */
export type Veto = {
  readonly artifact: Artifact;
  readonly number: number;
  readonly by: string;
  readonly at: Date;
};

/**
 * What a plan needs to know and cannot derive. The flow answers all questions of one pass together, puts them into
 * `answers` under `questionKey`, and plans again.
 */
export type Question =
  /** How does `to` relate to `from`? */
  | {
      readonly kind: "order";
      readonly service: string;
      readonly from: Artifact;
      readonly to: Artifact;
    }
  /** May this artifact be promoted at all: its revision known and reachable from the source branch? */
  | { readonly kind: "eligible"; readonly service: string; readonly artifact: Artifact }
  /** Are these checks green on the artifact's source commit? */
  | {
      readonly kind: "checks";
      readonly service: string;
      readonly artifact: Artifact;
      readonly names: readonly string[];
    }
  /** Is a target of this stream, which still holds the artifact, unhealthy right now? */
  | { readonly kind: "health"; readonly stream: Stream; readonly artifact: Artifact }
  | GateQuestion;

export type Answer =
  | { readonly kind: "order"; readonly order: Order }
  | { readonly kind: "eligible"; readonly eligibility: Eligibility }
  | { readonly kind: "checks"; readonly checks: readonly CheckState[] }
  | { readonly kind: "health"; readonly health: HealthState }
  | GateAnswer;

/** `to` seen from `from`. */
export type Order =
  | { readonly relation: "newer" | "older" | "same" }
  /** Newer, but only values files and the policy differ: it brings nothing. */
  | { readonly relation: "values-only" }
  /** It cannot be known which is newer: a person decides. */
  | { readonly relation: "unordered"; readonly reason: string; readonly sentence: string };

export type Eligibility =
  | { readonly kind: "eligible" }
  /** Never promoted: not on the branch, ambiguous short SHA, its digest moved. */
  | { readonly kind: "refused"; readonly reason: string; readonly sentence: string }
  /** Could not be found out now; asked again later. */
  | { readonly kind: "unknown"; readonly reason: string; readonly sentence: string };

export type CheckState = {
  readonly name: string;
  readonly state: "success" | "pending" | "failure" | "missing";
};

export type HealthState =
  | { readonly kind: "healthy" }
  | {
      readonly kind: "unhealthy";
      /** Every one that is. */
      readonly tenants: readonly string[];
      readonly sentence: string;
      /** What could not be learned besides, in a sentence. */
      readonly unknown?: string;
    }
  | { readonly kind: "unknown"; readonly sentence: string };

/** What should happen to each stream; nothing is done yet. */
export type Plan = {
  readonly streams: readonly StreamPlan[];
  /** Not empty: the plan is preliminary until these are answered. */
  readonly questions: readonly Question[];
  /** By stream key: the streams that these questions are about. What the plan says of the others stands. */
  readonly asking: ReadonlySet<string>;
};

export type StreamPlan = {
  readonly stream: Stream;
  readonly promotion: PlannedPromotion;
  /** What Git wants here without a verdict for it: each needs a rollout. */
  readonly rollouts: readonly DesiredArtifact[];
  /** Beside the stream's own promotion; rollbacks go before everything else. */
  readonly sides: readonly PlannedSide[];
  /** A failure that the policy would have rolled back, had there been anything to go back to. */
  readonly noWayBack: NoWayBack | null;
  /** The next moment at which this plan changes by itself. */
  readonly wakeAt: Date | null;
};

/** One promotion beside the stream's own one: to open, to wait on, to merge or to close. */
export type PlannedSide = {
  readonly kind: SideKind;
  /** Its open pull request; null: it is to be opened. */
  readonly number: number | null;
  /** Login of the person who asked for it; null: the policy did. */
  readonly requestedBy: string | null;
  /** For a rollback by the policy: what failed. */
  readonly failed: DesiredArtifact | null;
  readonly promotion: PlannedPromotion;
};

/** Why a failure is not rolled back although the policy says so. */
export type NoWayBack = { readonly failed: DesiredArtifact; readonly sentence: string };

export type PlannedPromotion =
  /** Nothing should move, and why. An open pull request named in `close` is closed with the sentence. */
  | {
      readonly kind: "none";
      readonly reason: string;
      readonly sentence: string;
      readonly close: number | null;
    }
  /** Something should move but may not even become a pull request. */
  | {
      readonly kind: "refused";
      readonly artifact: Artifact;
      readonly reason: string;
      readonly sentence: string;
    }
  /** One pull request: to open, to update, to wait on or to merge. */
  | {
      readonly kind: "promote";
      readonly artifact: Artifact;
      /** What most targets hold today, for the title; null when they hold nothing readable. */
      readonly from: Artifact | null;
      readonly targets: readonly PlannedTarget[];
      readonly gates: readonly GateResult[];
      /** `ready`: nothing but the merge is missing. */
      readonly state: "waiting" | "decision" | "failed" | "ready";
      /** Why it is in this state, and what comes next. */
      readonly sentence: string;
      /**
       * Sluice itself merges now: the head that `open` names, or, with `merge: auto`, the one that it has just brought
       * up to date. True with a consent only while the open head already is what this plan wants.
       */
      readonly merge: boolean;
      /** The pull request to adopt, null to open one. */
      readonly open: OpenPromotion | null;
      /** `supersede: replace`: the pull request of an older artifact, to be closed before this one is opened. */
      readonly replaces?: OpenPromotion;
      /** Holds on the stream: they stop the merge, and say so on the pull request. */
      readonly holds: readonly Hold[];
    };

/**
 * Every target of the stream appears exactly once. `stays`: it is pinned or excluded.
 *
 * `kept`: it stays where it is, because it holds something newer, or because the artifact would change nothing there.
 */
export type PlannedTarget = {
  readonly target: Target;
  readonly outcome: "move" | "already" | "kept" | "refused" | "stays";
  readonly sentence: string | null;
};

/** The key of a question among the answers. None of the names holds a space, except those of checks, which come last. */
export function questionKey(question: Question): string {
  switch (question.kind) {
    case "order":
      return `order ${question.service} ${formatArtifact(question.from)} ${formatArtifact(question.to)}`;
    case "eligible":
      return `eligible ${question.service} ${formatArtifact(question.artifact)}`;
    case "checks":
      return `checks ${question.service} ${formatArtifact(question.artifact)} ${JSON.stringify(question.names)}`;
    case "health":
      return `health ${streamKey(question.stream)} ${formatArtifact(question.artifact)}`;
    case "reviews":
    case "authors":
    case "approver":
    case "attestation":
    case "load":
    case "metric":
      return gateQuestionKey(question);
  }
}
