import type { Approval } from "../approval.ts";
import { gatesOf, type ManualPolicy } from "../gate-policy.ts";
import type { GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import { listNames } from "../words.ts";
import type { Gate, GateContext, Judgement } from "./gate-context.ts";
import { unverifiedAmong } from "./unverified.ts";

/** One of the named people or teams has written `/approve <name>` for this very head. */
export const manual: Gate = {
  name: "manual",
  applies: ({ environment }) => gatesOf(environment, "manual").length > 0,
  judgeEach: (context) =>
    gatesOf(context.environment, "manual").map((policy) => judgeManual(context, policy)),
};

function judgeManual(context: GateContext, policy: ManualPolicy): Judgement {
  const { name, teams, people } = policy;
  const given = approvalsOf(context, name);
  const asked = given.map(({ by }) => ({
    by,
    question: {
      kind: "approver",
      environment: context.environment.name,
      approvers: { teams, people },
      login: by,
    } as const,
  }));
  const unanswered = asked.filter(({ question }) => lookUp(context.answers, question) === null);
  if (unanswered.length > 0) return unanswered.map(({ question }) => question);
  const counted = asked.find(
    ({ question }) => lookUp(context.answers, question)?.standing.kind === "may",
  );
  const unverified = unverifiedAmong(
    context,
    asked.map(({ question }) => question),
  );
  const head = context.open === null ? {} : { head: context.open.head };
  if (counted !== undefined) {
    return { ...say("passed", "approved", `${counted.by} approved ${name}.`), ...head };
  }
  const who = [...people, ...teams.map((team) => `team ${team}`)];
  const from = who.length === 0 ? "Somebody who may promote here" : `One of ${listNames(who)}`;
  return {
    ...say("pending", "approval-missing", `Nobody has approved ${name} yet.${unverified}`),
    remedy: `${from} writes /approve ${name} on this pull request.`,
    decision: true,
    ...head,
  };
}

function approvalsOf({ open }: GateContext, name: string): readonly Approval[] {
  return (open?.approvals ?? []).filter(({ gate, head }) => gate === name && head === open?.head);
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "manual", status, reason, sentence };
}
