import { lookUp } from "../inquiry.ts";
import type { Question } from "../plan-types.ts";
import type { GateContext } from "./gate-context.ts";

/** Why words of people do not count that might have counted: sentences to append; empty where there are none. */
export function unverifiedAmong(
  { answers }: GateContext,
  asked: readonly Extract<Question, { kind: "approver" }>[],
): string {
  const sentences = asked.flatMap((question) => {
    const standing = lookUp(answers, question)?.standing;
    return standing?.kind === "may-not" && standing.unverified ? [` ${standing.sentence}`] : [];
  });
  return sentences.join("");
}
