import { sameArtifact, type Artifact } from "./artifact.ts";
import { barOf } from "./bar.ts";
import { gatesOnHead, type GateResult } from "./gate.ts";
import { judgeGates } from "./gates/all.ts";
import { knownOrder } from "./inquiry.ts";
import { verifications, type PlanContext } from "./plan-context.ts";
import type { PlannedTargets } from "./plan-targets.ts";
import {
  questionKey,
  type Consent,
  type Hold,
  type OpenPromotion,
  type PlannedPromotion,
} from "./plan-types.ts";
import { firstConsent } from "./requester.ts";
import { formatMoment } from "./words.ts";

type Promotion = Extract<PlannedPromotion, { kind: "promote" }>;
type Status = Pick<Promotion, "state" | "sentence">;

/** One artifact on its way into one stream: what its gates say, and whether Sluice merges it now. */
export function present(
  context: PlanContext,
  artifact: Artifact,
  planned: PlannedTargets,
  outstanding: boolean,
): Promotion {
  const { environment, inquiry, state } = context;
  const { open } = state;
  const wanted = openAsWanted(context, artifact, planned);
  const consent = wanted === null ? null : firstConsent(wanted.consents, wanted.head);
  const { results, questions } = judgeGates({
    ...context,
    artifact,
    upstream: verifications(context, artifact),
    relations: planned.relations,
    bar: barOf(context, artifact),
    consent,
    open: wanted,
    answers: inquiry.answers,
  });
  for (const question of questions) inquiry.open.set(questionKey(question), question);
  const holds = stoppingHolds(context, artifact);
  const person = open?.ownership === "person";
  const status = person
    ? personal
    : (held(holds) ??
      judged(results) ??
      unfinished(context, outstanding) ??
      ready(context, consent));
  const mayMerge = environment.merge !== "manual" || consent !== null;
  return {
    kind: "promote",
    artifact,
    from: planned.from,
    targets: planned.targets,
    gates: results,
    ...status,
    merge: status.state === "ready" && mayMerge,
    open,
    holds,
  };
}

/**
 * The same on a commit that was made just now in place of the one that was judged: what people said of that one counts
 * no more.
 */
export function onNewHead(promotion: Promotion, head: string): Promotion {
  const { gates, holds } = promotion;
  if (gates.every((gate) => gate.head === undefined || gate.head === head)) return promotion;
  const fallen = gatesOnHead(gates, head);
  const status = held(holds) ?? judged(fallen) ?? promotion;
  const { state, sentence } = status;
  return { ...promotion, gates: fallen, state, sentence, merge: false };
}

/** What people say counts for the head that they said it of, and only as long as that head is what should be merged. */
function openAsWanted(
  { state: { open } }: PlanContext,
  artifact: Artifact,
  { moving }: PlannedTargets,
): OpenPromotion | null {
  if (open === null || open.ownership === "person") return null;
  const tenants = new Set([...open.tenants, ...(open.left ?? [])]);
  if (!sameArtifact(open.artifact, artifact) || tenants.size !== moving.length) return null;
  return moving.every((tenant) => tenants.has(tenant)) ? open : null;
}

/** Holds without an artifact stop everything; one on an artifact stops what is not known to be strictly newer. */
function stoppingHolds({ holds, inquiry, service }: PlanContext, to: Artifact): readonly Hold[] {
  return holds.filter(({ artifact: from }) => {
    if (from === null || sameArtifact(from, to)) return true;
    return knownOrder(inquiry, service.name, from, to)?.relation !== "newer";
  });
}

const personal: Status = {
  state: "decision",
  sentence:
    "Somebody else's commit is on the branch, so Sluice neither pushes to it nor merges it: merge by hand, or take that commit off the branch.",
};

function held(holds: readonly Hold[]): Status | null {
  const hold = holds.find(({ artifact }) => artifact === null) ?? holds[0];
  if (hold === undefined) return null;
  return { state: "decision", sentence: `${hold.sentence} Write /resume when it may go on.` };
}

function judged(results: readonly GateResult[]): Status | null {
  const open = results.filter(({ status }) => status === "failed" || status === "pending");
  const failed = open.find(({ status, decision }) => status === "failed" && decision !== true);
  if (failed !== undefined) return { state: "failed", sentence: withRemedy(failed) };
  const decision = open.find((result) => result.decision === true);
  if (decision !== undefined) return { state: "decision", sentence: withRemedy(decision) };
  const [pending] = open;
  if (pending === undefined) return null;
  const moments = open.flatMap(({ until }) => (until === undefined ? [] : [until.getTime()]));
  const onlyTime = moments.length === open.length;
  const sentence = onlyTime
    ? `Waits until ${formatMoment(new Date(Math.max(...moments)))}.`
    : withRemedy(open.find(({ until }) => until === undefined) ?? pending);
  return { state: "waiting", sentence };
}

function unfinished({ state }: PlanContext, outstanding: boolean): Status | null {
  if (!outstanding) return null;
  const tags = state.desired.map(({ artifact }) => artifact.tag);
  const what = tags.length === 1 ? `of ${tags[0]} ` : "";
  return {
    state: "waiting",
    sentence: `Waits for the rollout ${what}that is under way here: nothing is merged on top of it.`,
  };
}

function ready({ environment }: PlanContext, consent: Consent | null): Status {
  if (environment.merge === "auto") {
    return { state: "ready", sentence: "Every gate has passed: Sluice merges it." };
  }
  if (environment.merge === "queue") {
    const sentence = "Every gate has passed: Sluice puts it into GitHub's merge queue.";
    return { state: "ready", sentence };
  }
  if (consent !== null) {
    return {
      state: "ready",
      sentence: `Every gate has passed and ${consent.by} wrote /promote: Sluice merges it.`,
    };
  }
  return { state: "ready", sentence: "Every gate has passed: merge it, or write /promote." };
}

function withRemedy({ sentence, remedy }: GateResult): string {
  return remedy === undefined ? sentence : `${sentence} ${remedy}`;
}
