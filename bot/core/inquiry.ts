import { sameArtifact, type Artifact } from "./artifact.ts";
import { isKnownOlder, type KnownAges } from "./known-ages.ts";
import { questionKey, type Answer, type Order, type Question } from "./plan-types.ts";

/** What is known during one pass of planning, and what has turned out to be missing. Questions are asked once. */
export type Inquiry = {
  readonly answers: ReadonlyMap<string, Answer>;
  /** Read from the answers when it is needed first. */
  readonly ages: () => KnownAges;
  /** By question key, in the order of asking. */
  readonly open: Map<string, Question>;
};

type QuestionOf<Kind extends Question["kind"]> = Extract<Question, { kind: Kind }>;
type AnswerOf<Kind extends Question["kind"]> = Extract<Answer, { kind: Kind }>;

/** What is known already; null asks nothing. */
export function lookUp<Kind extends Question["kind"]>(
  answers: ReadonlyMap<string, Answer>,
  question: QuestionOf<Kind>,
): AnswerOf<Kind> | null {
  const answer = answers.get(questionKey(question));
  return answer === undefined || answer.kind !== question.kind ? null : (answer as AnswerOf<Kind>);
}

/** The answer, or null when it is not known yet: it is then asked for. */
export function ask<Kind extends Question["kind"]>(
  inquiry: Inquiry,
  question: QuestionOf<Kind>,
): AnswerOf<Kind> | null {
  const answer = lookUp(inquiry.answers, question);
  if (answer === null) inquiry.open.set(questionKey(question), question);
  return answer;
}

/** How `to` relates to `from`; null when it is not known yet: it is then asked for. */
export function orderOf(
  inquiry: Inquiry,
  service: string,
  from: Artifact,
  to: Artifact,
): Order | null {
  const known = knownOrder(inquiry, service, from, to);
  if (known === null) {
    const question = { kind: "order", service, from, to } as const;
    inquiry.open.set(questionKey(question), question);
  }
  return known;
}

/**
 * The same without asking. The same artifact needs no answer; an answer read backwards is one, except that "older" does
 * not tell "newer" from "values-only"; and what is older than something older is older.
 */
export function knownOrder(
  { answers, ages }: Inquiry,
  service: string,
  from: Artifact,
  to: Artifact,
): Order | null {
  if (sameArtifact(from, to)) return { relation: "same" };
  const known = lookUp(answers, { kind: "order", service, from, to });
  if (known !== null) return known.order;
  const back = lookUp(answers, { kind: "order", service, from: to, to: from });
  const inverted = back === null ? null : invert(back.order);
  if (inverted !== null) return inverted;
  return isKnownOlder(ages(), service, { than: from, artifact: to }) ? { relation: "older" } : null;
}

function invert(order: Order): Order | null {
  switch (order.relation) {
    case "same":
    case "unordered":
      return order;
    case "newer":
    case "values-only":
      return { relation: "older" };
    case "older":
      return null;
  }
}
