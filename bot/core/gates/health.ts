import type { GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import type { HealthState, Question } from "../plan-types.ts";
import { stillHolds } from "../verification.ts";
import { listNames } from "../words.ts";
import type { Gate, GateContext } from "./gate-context.ts";

/** Verified in everything before, and nothing there that still holds the artifact is unhealthy now. */
export const health: Gate = { name: "health", applies: () => true, judge: judgeHealth };

function judgeHealth(context: GateContext): GateResult | readonly Question[] {
  if (context.upstream.length === 0) {
    return say("skipped", "first-environment", "Nothing comes before this environment.");
  }
  for (const upstream of context.upstream) {
    const unverified = judgeVerification(context, upstream);
    if (unverified !== null) return unverified;
  }
  return judgeLive(context);
}

function judgeVerification(
  context: GateContext,
  { name, kind, verification }: GateContext["upstream"][number],
): GateResult | null {
  const tag = context.artifact.tag;
  switch (verification.kind) {
    case "verified":
    case "nothing-moves":
      return null;
    case "no-targets":
      return {
        ...say("failed", "no-upstream-target", `${context.service.name} has no target in ${name}.`),
        remedy:
          kind === "ring"
            ? `Give ring ${name} a tenant in the policy, or take the ring out.`
            : `Add a values file of this service for ${name} (${context.service.values.file}), or take the environment out of the policy.`,
      };
    case "failed":
      return {
        ...say(
          "failed",
          "upstream-failed",
          `${tag} is not healthy in ${name}: its rollout ${howItEnded(verification.verdict.result)}.`,
        ),
        remedy: "Publish a newer artifact, or write /retry there once the cause is gone.",
      };
    case "refused":
      return {
        ...say(
          "failed",
          "upstream-refused",
          `In ${name} the values of ${listNames(verification.tenants)} cannot be read, so it is not verified.`,
        ),
        remedy: "Mend those values files; the check run of that environment says how.",
      };
    case "withdrawn":
      if (verification.hold === null)
        return say(
          "pending",
          "upstream-moved-back",
          `${name} was moved back from ${tag}: it must be verified there again first.`,
        );
      return {
        ...say("failed", "upstream-moved-back", `${name} was moved back from ${tag}.`),
        remedy: `Write /resume on a pull request of ${name} to let it go forward again.`,
      };
    case "missing":
      return say(
        "pending",
        "not-verified",
        verification.tenants.length === 0
          ? `${tag} is not verified in ${name} yet.`
          : `${tag} is not verified in ${name} yet: ${listNames(verification.tenants)} missing.`,
      );
  }
}

function judgeLive(context: GateContext): GateResult | readonly Question[] {
  const { artifact, upstream, answers } = context;
  const questions = healthQuestions(context);
  const open = questions.filter((question) => lookUp(answers, question) === null);
  if (open.length > 0) return open;
  const states = liveHealth(context);
  const unhealthy = states.find((state) => state.kind === "unhealthy");
  if (unhealthy !== undefined) {
    return {
      ...say(
        "failed",
        "upstream-unhealthy",
        `${artifact.tag} was verified and is unhealthy now: ${unhealthy.sentence}`,
      ),
      remedy: "Mend what is unhealthy, or publish a newer artifact.",
    };
  }
  const unknown = states.find((state) => state.kind === "unknown");
  if (unknown !== undefined) {
    return say(
      "pending",
      "health-unknown",
      `The health before this stream is not known: ${unknown.sentence}`,
    );
  }
  const names = upstream.map(({ name }) => name);
  return say(
    "passed",
    "healthy",
    `Verified and healthy in ${listNames(names)}${borneIn(context)}.`,
  );
}

/** Who failed and does not count is named: nobody should have to look for it. */
function borneIn({ upstream }: GateContext): string {
  const borne = new Set(
    upstream.flatMap(({ verification }) =>
      verification.kind === "verified" ? (verification.failures ?? []) : [],
    ),
  );
  if (borne.size === 0) return "";
  return `, but for ${listNames([...borne])}, which failed and which maxFailures of the ring bears`;
}

/** What is known of the health of everything before, as far as the rings do not bear it. */
export function liveHealth(
  context: Pick<GateContext, "artifact" | "upstream" | "answers">,
): readonly HealthState[] {
  return context.upstream.flatMap((upstream) =>
    healthQuestions({ ...context, upstream: [upstream] }).flatMap((question) => {
      const answer = lookUp(context.answers, question);
      return answer === null ? [] : [bear(upstream, question.stream.ring, answer.health)];
    }),
  );
}

/** As many as may fail in a ring may be unhealthy there, those that have failed counted in; never all of them. */
function bear(
  { maxFailures, streams, verification }: GateContext["upstream"][number],
  ring: string,
  health: HealthState,
): HealthState {
  const bearable = maxFailures?.get(ring) ?? 0;
  if (health.kind !== "unhealthy" || bearable === 0) return health;
  const failures = verification.kind === "verified" ? (verification.failures ?? []) : [];
  const targets = streams.find((state) => state.stream.ring === ring)?.targets ?? [];
  const names = new Set(targets.map(({ target }) => target.tenant));
  const bad = new Set([...health.tenants, ...failures.filter((tenant) => names.has(tenant))]);
  if (bad.size > bearable || bad.size >= names.size) return health;
  return health.unknown === undefined
    ? { kind: "healthy" }
    : { kind: "unknown", sentence: health.unknown };
}

/** One for every stream before this one in which a target still holds the artifact. */
export function healthQuestions(
  context: Pick<GateContext, "artifact" | "upstream">,
): readonly Extract<Question, { kind: "health" }>[] {
  return context.upstream.flatMap(({ streams }) =>
    streams
      .filter((state) => stillHolds(state, context.artifact))
      .map(({ stream }) => ({ kind: "health", stream, artifact: context.artifact }) as const),
  );
}

function howItEnded(result: string): string {
  return result === "timed-out" ? "ran out of time" : "failed";
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "health", status, reason, sentence };
}
