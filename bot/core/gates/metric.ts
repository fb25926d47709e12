import { gatesOf, type MetricPolicy } from "../gate-policy.ts";
import { nextLook, type GateResult } from "../gate.ts";
import { lookUp } from "../inquiry.ts";
import { fillQuery, judgeBounds } from "../measurement.ts";
import type { Gate, GateContext, Judgement } from "./gate-context.ts";

/** A number from Prometheus about what comes before is within its bounds. Looked at every full minute until it is. */
export const metric: Gate = {
  name: "metric",
  applies: ({ environment }) => upstreamMetrics(environment).length > 0,
  judgeEach: (context) =>
    upstreamMetrics(context.environment).map((policy) => judgeMetric(context, policy)),
};

/** Those over the ring itself are judged after the merge, by the rollout. */
function upstreamMetrics(environment: GateContext["environment"]): readonly MetricPolicy[] {
  return gatesOf(environment, "metric").filter(({ over }) => over === "upstream");
}

function judgeMetric(context: GateContext, policy: MetricPolicy): Judgement {
  const before = context.upstream.at(-1);
  if (before === undefined) {
    return say(
      "skipped",
      "first-environment",
      "Nothing comes before, so there is nothing to measure.",
    );
  }
  const [environment = ""] = before.name.split("/");
  const tenants = before.streams.flatMap(({ targets }) =>
    targets.map(({ target }) => target.tenant),
  );
  const query = fillQuery(policy.query, {
    environment,
    service: context.service.name,
    tenants: [...new Set(tenants)].toSorted().join("|"),
  });
  const question = { kind: "metric", query } as const;
  const answer = lookUp(context.answers, question);
  if (answer === null) return [question];
  const { measurement } = answer;
  const again = nextLook(context.now);
  if (measurement.kind === "nothing") {
    return {
      ...say("pending", measurement.reason, `${policy.name}: ${measurement.sentence}`),
      remedy: measurement.remedy,
      again,
    };
  }
  const broken = judgeBounds(policy, measurement.value);
  if (broken !== null) {
    return {
      ...say("failed", broken.reason, `${policy.name} in ${before.name} is ${broken.sentence}.`),
      remedy: "Sluice looks every minute and goes on once it is within bounds.",
      again,
    };
  }
  return say("passed", "within-bounds", `${policy.name} in ${before.name} is within bounds.`);
}

function say(status: GateResult["status"], reason: string, sentence: string): GateResult {
  return { gate: "metric", status, reason, sentence };
}
