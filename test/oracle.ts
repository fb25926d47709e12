import type { ApproverStanding, Authors, Review } from "#core/approval.ts";
import type { Artifact } from "#core/artifact.ts";
import type { AttestationState } from "#core/attestation.ts";
import type { LoadState } from "#core/load.ts";
import type { Measurement } from "#core/measurement.ts";
import {
  questionKey,
  type Answer,
  type CheckState,
  type Eligibility,
  type HealthState,
  type Order,
  type Plan,
  type PlanInput,
  type Question,
} from "#core/plan-types.ts";
import { makePlan } from "#core/plan.ts";
import type { Stream } from "#core/target.ts";

/** What is so in a test's world; whatever a test leaves out is in order. */
export type Oracle = {
  readonly order?: (from: Artifact, to: Artifact) => Order;
  readonly eligible?: (artifact: Artifact) => Eligibility;
  readonly checks?: (artifact: Artifact, name: string) => CheckState["state"];
  readonly health?: (stream: Stream, artifact: Artifact) => HealthState;
  readonly reviews?: readonly Review[];
  /** Unless stated, the change is anna's. */
  readonly authors?: Authors;
  /** Whose word counts nowhere. */
  readonly strangers?: readonly string[];
  /** Of whom nobody could say whether their word counts. */
  readonly unverified?: readonly string[];
  readonly attested?: AttestationState;
  readonly load?: LoadState;
  readonly measure?: (query: string) => Measurement;
};

/** `v2` follows `v1`; with a letter (`v2x`) it stands on a branch of its own. */
export function byNumber(from: Artifact, to: Artifact): Order {
  if (from.tag === to.tag) return { relation: "same" };
  const [one, other] = [numberOf(from), numberOf(to)];
  if (one === null || other === null) {
    return { relation: "unordered", reason: "diverged", sentence: "Their histories diverged." };
  }
  if (one === other) return { relation: "same" };
  return { relation: other > one ? "newer" : "older" };
}

export function consult(oracle: Oracle, question: Question): Answer {
  switch (question.kind) {
    case "order":
      return { kind: "order", order: (oracle.order ?? byNumber)(question.from, question.to) };
    case "eligible":
      return {
        kind: "eligible",
        eligibility: oracle.eligible?.(question.artifact) ?? { kind: "eligible" },
      };
    case "checks":
      return {
        kind: "checks",
        checks: question.names.map((name) => ({
          name,
          state: oracle.checks?.(question.artifact, name) ?? "success",
        })),
      };
    case "health":
      return {
        kind: "health",
        health: oracle.health?.(question.stream, question.artifact) ?? { kind: "healthy" },
      };
    case "reviews":
      return { kind: "reviews", reviews: oracle.reviews ?? [] };
    case "authors":
      return { kind: "authors", authors: oracle.authors ?? { kind: "known", logins: ["anna"] } };
    case "approver":
      return {
        kind: "approver",
        standing: standingOf(oracle, question.login),
      };
    case "attestation":
      return { kind: "attestation", attestation: oracle.attested ?? { kind: "attested" } };
    case "load":
      return { kind: "load", load: oracle.load ?? { kind: "running" } };
    case "metric":
      return {
        kind: "metric",
        measurement: oracle.measure?.(question.query) ?? { kind: "value", value: 0 },
      };
  }
}

function standingOf({ strangers = [], unverified = [] }: Oracle, login: string): ApproverStanding {
  if (unverified.includes(login))
    return { kind: "may-not", sentence: `Nobody could say who ${login} is.`, unverified: true };
  return strangers.includes(login)
    ? { kind: "may-not", sentence: `${login} may not.` }
    : { kind: "may" };
}

export type Solution = {
  readonly plan: Plan;
  readonly passes: number;
  readonly answers: ReadonlyMap<string, Answer>;
};

/** Plans, answers, plans again, as reconcile does, until nothing is open. */
export function solve(input: PlanInput, oracle: Oracle = {}): Solution {
  const answers = new Map(input.answers);
  for (let passes = 1; passes <= 100; passes += 1) {
    const plan = makePlan({ ...input, answers });
    if (plan.questions.length === 0) return { plan, passes, answers };
    for (const question of plan.questions) {
      const key = questionKey(question);
      if (answers.has(key)) throw new Error(`asked twice: ${key}`);
      answers.set(key, consult(oracle, question));
    }
  }
  throw new Error("planning does not come to an end");
}

function numberOf({ tag }: Artifact): number | null {
  const match = /^v(\d+)$/.exec(tag);
  return match === null ? null : Number(match[1]);
}
