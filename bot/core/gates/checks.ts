import type { GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import type { CheckState, Question } from "../plan-types.ts";
import { listNames } from "../words.ts";
import type { Gate, GateContext } from "./gate-context.ts";

/** The named checks are green on the commit that the artifact was built from. */
export const checks: Gate = {
  name: "checks",
  applies: ({ environment }) => namesOf(environment).length > 0,
  judge: judgeChecks,
};

/** The question behind the gate; null where the policy names no checks. */
export function checksQuestion(
  context: Pick<GateContext, "service" | "environment" | "artifact">,
): Extract<Question, { kind: "checks" }> | null {
  const names = namesOf(context.environment);
  if (names.length === 0) return null;
  return { kind: "checks", service: context.service.name, artifact: context.artifact, names };
}

function judgeChecks(context: GateContext): GateResult | readonly Question[] {
  const question = checksQuestion(context);
  if (question === null) return say("skipped", "no-checks", "The policy names no checks.");
  const answer = lookUp(context.answers, question);
  if (answer === null) return [question];
  // A check that the answer leaves out is not green.
  const states = question.names.map(
    (name) =>
      answer.checks.find((check) => check.name === name) ?? ({ name, state: "missing" } as const),
  );
  const red = named(states, "failure");
  if (red.length > 0) {
    return {
      ...say("failed", "checks-failed", `${listNames(red)} failed on the source commit.`),
      remedy: "Run them again there, or publish a newer artifact.",
    };
  }
  const running = named(states, "pending");
  if (running.length > 0) {
    return say(
      "pending",
      "checks-pending",
      `${listNames(running)} not finished on the source commit.`,
    );
  }
  const missing = named(states, "missing");
  if (missing.length > 0) {
    return {
      ...say(
        "pending",
        "checks-missing",
        `${listNames(missing)} not reported on the source commit yet.`,
      ),
      remedy: "If this stays so, compare the names in the policy with those of the check runs.",
    };
  }
  return say("passed", "checks-green", `${listNames(question.names)} green on the source commit.`);
}

function named(states: readonly CheckState[], state: CheckState["state"]): readonly string[] {
  return states.filter((check) => check.state === state).map((check) => check.name);
}

function namesOf({ gates }: GateContext["environment"]): readonly string[] {
  return gates.flatMap((gate) => (gate.kind === "checks" ? gate.names : []));
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "checks", status, reason, sentence };
}
