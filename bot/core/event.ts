/**
 * What has happened, in our own words and in the past tense; every field is a hint that is read again before anything
 * is done. Adapters make events from deliveries, `flow/routes.ts` says what follows from each.
 * `repository` is `owner/name` in GitHub's own spelling.
 */
export type SluiceEvent =
  | {
      readonly kind: "artifact.published";
      readonly image: string;
      readonly tag: string;
      readonly digest: string | null;
      readonly revision: string | null;
      /** When the registry says that it was published, ISO 8601; null where it does not say. */
      readonly publishedAt: string | null;
    }
  | {
      readonly kind: "workflow.succeeded";
      readonly repository: string;
      /** File name under `.github/workflows`. */
      readonly workflow: string;
      readonly branch: string;
      readonly revision: string;
    }
  | {
      readonly kind: "branch.pushed";
      readonly repository: string;
      readonly branch: string;
      readonly defaultBranch: string;
      readonly after: string;
      /** A commit of the push touched `.github/sluice.yaml`, or the list of commits was cut. */
      readonly touchesPolicy: boolean;
    }
  | {
      readonly kind: "pull-request.changed";
      readonly repository: string;
      readonly number: number;
      readonly action: string;
      readonly headBranch: string;
      readonly headRevision: string;
      readonly sameRepository: boolean;
      readonly merged: boolean;
      readonly sender: string;
    }
  | {
      readonly kind: "comment.created";
      readonly repository: string;
      readonly number: number;
      readonly commentId: number;
      readonly body: string;
      /** ISO 8601, whole seconds. */
      readonly createdAt: string;
      readonly author: string;
      readonly authorIsBot: boolean;
      readonly onPullRequest: boolean;
    }
  | {
      readonly kind: "issue.edited";
      readonly repository: string;
      readonly number: number;
      readonly body: string;
      /** The text before; null where only something else changed. */
      readonly before: string | null;
      /** ISO 8601, whole seconds. */
      readonly editedAt: string;
      readonly sender: string;
      readonly senderIsBot: boolean;
    }
  | { readonly kind: "checks.changed"; readonly repository: string; readonly revision: string }
  | {
      readonly kind: "check-run.rerequested";
      readonly repository: string;
      readonly revision: string;
      readonly name: string;
      readonly externalId: string;
      /** ISO 8601: what was judged later was not seen by whoever asked. */
      readonly completedAt: string | null;
      readonly sender: string;
    }
  /** One of the buttons below a run of ours. */
  | {
      readonly kind: "check-run.pressed";
      readonly repository: string;
      readonly revision: string;
      readonly name: string;
      readonly externalId: string;
      readonly completedAt: string | null;
      /** `core/check-action.ts` knows them. */
      readonly button: string;
      readonly sender: string;
      readonly senderIsBot: boolean;
    }
  /** "Re-run all": every run of ours on this commit. */
  | {
      readonly kind: "check-suite.rerequested";
      readonly repository: string;
      readonly revision: string;
      readonly sender: string;
    }
  /** GitHub's merge queue has built a group, and wants its checks. */
  | {
      readonly kind: "merge-group.requested";
      readonly repository: string;
      readonly revision: string;
      /** The branch that the group is to be merged into. */
      readonly branch: string;
      readonly defaultBranch: string;
    }
  | { readonly kind: "repositories.changed" }
  | {
      readonly kind: "application.changed";
      readonly instance: string;
      readonly application: string;
    }
  | { readonly kind: "ignored"; readonly reason: string };
