import {
  byBudget,
  byPolicy,
  freezesInForce,
  frozenUntil,
  nextFreeze,
  type Freeze,
} from "../freeze.ts";
import { nextLook, type GateResult } from "../gate.ts";
import { formatMoment } from "../words.ts";
import type { Gate, GateContext } from "./gate-context.ts";

/** The environment is not frozen. Listed while a freeze holds it, or is known to come. */
export const freeze: Gate = {
  name: "freeze",
  applies: ({ freezes, environment, now }) =>
    freezes.some(
      (one) => one.environment === environment.name && (one.until === null || one.until > now),
    ),
  judge: judgeFreeze,
};

function judgeFreeze({ freezes, environment, now }: GateContext): GateResult {
  const { name } = environment;
  const [longest] = freezesInForce(freezes, name, now);
  if (longest === undefined) {
    const coming = nextFreeze(freezes, name, now);
    if (coming === null) return say("skipped", "no-freeze", `${name} is not frozen.`);
    return {
      ...say(
        "passed",
        "not-frozen",
        `${name} is not frozen; the next freeze begins at ${formatMoment(coming.from)}${because(coming)}.`,
      ),
      until: coming.from,
    };
  }
  const until = frozenUntil(freezes, name, now);
  const end = until === null ? "" : ` until ${formatMoment(until)}`;
  return {
    ...say("pending", "frozen", `${name} is frozen${end} by ${longest.by}${because(longest)}.`),
    remedy: remedyOf(longest, name),
    ...(until === null ? {} : { until }),
    // Whether the budget has recovered is only known by looking.
    ...(longest.by === byBudget ? { again: nextLook(now) } : {}),
  };
}

function because({ reason }: Freeze): string {
  return reason === "" ? "" : `: ${reason.replace(/\.$/, "")}`;
}

function remedyOf({ by, until }: Freeze, environment: string): string {
  if (by === byBudget) return "It ends by itself once the error budget recovers.";
  const early = until === null ? "It stays until somebody lifts it" : "To lift it before that";
  return by === byPolicy
    ? "To lift it before that, change `freezes` in the policy."
    : `${early}: write /unfreeze ${environment}.`;
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "freeze", status, reason, sentence };
}
