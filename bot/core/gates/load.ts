import { sameArtifact } from "../artifact.ts";
import { formatDuration } from "../duration.ts";
import { gatesOf, type LoadPolicy } from "../gate-policy.ts";
import { nextLook, type GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import { judgeLoad } from "../load.ts";
import type { Gate, GateContext, Judgement } from "./gate-context.ts";

/**
 * What runs before the stream bears load: one tenant's service there is driven, once for each head of the pull request.
 */
export const load: Gate = {
  name: "load",
  applies: ({ environment }) => gatesOf(environment, "load").length > 0,
  judgeEach: (context) =>
    gatesOf(context.environment, "load").map((policy) => judgeService(context, policy)),
};

function judgeService(context: GateContext, policy: LoadPolicy): Judgement {
  const { artifact, service, ring, open, answers, now } = context;
  const before = context.upstream.at(-1);
  if (before === undefined)
    return say(
      "skipped",
      "first-environment",
      "Nothing comes before, so there is nothing to drive.",
    );
  const [environment = ""] = before.name.split("/");
  if (open === null) {
    return say("pending", "not-begun", "The load test begins once the pull request is open.");
  }
  const { max: _max, min: _min, kind: _kind, ...order } = policy;
  const question = {
    kind: "load",
    stream: { environment: context.environment.name, service: service.name, ring: ring.name },
    artifact,
    head: open.head,
    upstream: { environment, tenant: tenantOf(context) },
    order,
  } as const;
  const answer = lookUp(answers, question);
  if (answer === null) return [question];
  const { load: state } = answer;
  const where = `${service.name} in ${environment}`;
  if (state.kind === "not-configured") {
    return {
      ...say("failed", "not-configured", "No setting says where services can be driven."),
      remedy: "Set LOAD_URL_TEMPLATE where Sluice runs, or take the gate out of the policy.",
    };
  }
  if (state.kind === "running") {
    if (question.upstream.tenant === null) {
      return {
        ...say("failed", "upstream-moved-on", `${environment} no longer runs ${artifact.tag}.`),
        remedy: "A newer artifact takes its place here; publish one if none is there.",
      };
    }
    const lasts = formatDuration(policy.durationMs + policy.warmUpMs);
    return {
      ...say("pending", "running", `${where} is driven for ${lasts}.`),
      again: nextLook(now),
    };
  }
  const { record } = state;
  const breach = judgeLoad(policy, record.figures);
  if (breach !== null) {
    return {
      ...say("failed", breach.reason, `Under load, ${where}: ${breach.sentence}.`),
      remedy:
        breach.reason === "not-measured"
          ? "Set PROMETHEUS_URL, have the namespace scraped, and press Re-run, or take that bound out of the policy."
          : "Press Re-run to drive it again, publish a newer artifact, or change the bound in the policy.",
      load: record,
    };
  }
  return { ...say("passed", "within-bounds", `${where} bears the load.`), load: record };
}

/** The first by name of those that hold the artifact now; null: nobody does any more. */
function tenantOf({ upstream, artifact }: GateContext): string | null {
  const tenants = (upstream.at(-1)?.streams ?? []).flatMap(({ targets }) =>
    targets.flatMap(({ target, desired }) =>
      desired.kind === "artifact" && sameArtifact(desired.artifact, artifact)
        ? [target.tenant]
        : [],
    ),
  );
  return tenants.toSorted()[0] ?? null;
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "load", status, reason, sentence };
}
