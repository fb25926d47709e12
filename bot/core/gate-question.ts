import type { ApproverStanding, Authors, Review } from "./approval.ts";
import { formatArtifact, type Artifact } from "./artifact.ts";
import type { AttestationState } from "./attestation.ts";
import type { Approvers } from "./gate-policy.ts";
import { loadKey, type LoadBounds, type LoadOrder, type LoadState } from "./load.ts";
import type { Measurement } from "./measurement.ts";
import { streamKey, type Stream, type Target } from "./target.ts";

/** What gates about people and numbers need to know. */
export type GateQuestion =
  /** What has been said in reviews of this pull request? */
  | { readonly kind: "reviews"; readonly number: number }
  /** Whose change is it: who opened the pull request of the artifact's source commit, else who wrote that commit? */
  | { readonly kind: "authors"; readonly service: string; readonly artifact: Artifact }
  /** Is this person one whose word counts there? */
  | {
      readonly kind: "approver";
      readonly environment: string;
      readonly approvers: Approvers;
      readonly login: string;
    }
  /** Has this workflow attested the artifact's digest? */
  | {
      readonly kind: "attestation";
      readonly service: string;
      readonly artifact: Artifact;
      readonly workflow: string;
    }
  /** How does what comes before bear load? Asking begins a load test. */
  | {
      readonly kind: "load";
      readonly stream: Stream;
      /** What must run there from beginning to end. */
      readonly artifact: Artifact;
      /** The open pull request, and its head. */
      readonly number: number;
      readonly head: string;
      /** Whom to drive; null: nobody who was verified on the artifact holds it. */
      readonly target: Target | null;
      readonly order: LoadOrder;
      /** What a figure is needed for: where it is missing, the service is driven again. */
      readonly bounds: LoadBounds;
    }
  /** What does Prometheus say? */
  | { readonly kind: "metric"; readonly query: string };

export type GateAnswer =
  /** In the order in which they were given. */
  | { readonly kind: "reviews"; readonly reviews: readonly Review[] }
  | { readonly kind: "authors"; readonly authors: Authors }
  | { readonly kind: "approver"; readonly standing: ApproverStanding }
  | { readonly kind: "attestation"; readonly attestation: AttestationState }
  | { readonly kind: "load"; readonly load: LoadState }
  | { readonly kind: "metric"; readonly measurement: Measurement };

/** The key of such a question among the answers. */
export function gateQuestionKey(question: GateQuestion): string {
  switch (question.kind) {
    case "reviews":
      return `reviews ${question.number}`;
    case "authors":
      return `authors ${question.service} ${formatArtifact(question.artifact)}`;
    case "approver":
      return `approver ${question.environment} ${question.login} ${JSON.stringify(question.approvers)}`;
    case "attestation":
      return `attestation ${question.service} ${formatArtifact(question.artifact)} ${question.workflow}`;
    case "load":
      return `load ${streamKey(question.stream)} ${question.head} ${question.target?.tenant ?? ""} ${loadKey(question.order)} ${JSON.stringify(question.bounds)}`;
    case "metric":
      return `metric ${question.query}`;
  }
}
