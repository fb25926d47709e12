import type { GateResult } from "../gate.ts";
import type { Question } from "../plan-types.ts";
import type { Gate, GateContext } from "./gate-context.ts";

/** The artifact may enter, and is newer than what it replaces; where that cannot be known, a person decides. */
export const order: Gate = { name: "order", applies: () => true, judge: judgeOrder };

function judgeOrder(context: GateContext): GateResult | readonly Question[] {
  if (context.bar !== null) return { gate: "order", ...context.bar };
  const unknown = context.relations.filter((relation) => relation.order === null);
  if (unknown.length > 0) {
    return unknown.map(({ from }) => ({
      kind: "order",
      service: context.service.name,
      from,
      to: context.artifact,
    }));
  }
  for (const { from, order: relation } of context.relations) {
    if (relation?.relation !== "unordered") continue;
    if (context.consent !== null) {
      return say("passed", "decided", `${context.consent.by} decided that it follows ${from.tag}.`);
    }
    return {
      ...say(
        "pending",
        relation.reason,
        `It cannot be known whether it is newer than ${from.tag}: ${relation.sentence}`,
      ),
      remedy: "Write /promote, or merge, if it shall go there; close the pull request if not.",
      decision: true,
    };
  }
  return say("passed", "newer", "Newer than what it replaces.");
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "order", status, reason, sentence };
}
