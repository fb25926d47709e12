import { gatesOf } from "./gate-policy.ts";
import { fillQuery, judgeBounds, type Measurement } from "./measurement.ts";
import type { EnvironmentPolicy } from "./policy.ts";
import type { Stream } from "./target.ts";
import type { Verdict } from "./verdict.ts";

/** A number that a ring must give after the merge, as its rollout carries it. Plain JSON. */
export type RingMetric = {
  readonly name: string;
  /** Filled in. */
  readonly query: string;
  readonly max: number | null;
  readonly min: number | null;
};

/** The metrics `over: ring` of a stream, about the tenants that its rollout is about. */
export function ringMetrics(
  environment: EnvironmentPolicy,
  stream: Stream,
  tenants: readonly string[],
): readonly RingMetric[] {
  return gatesOf(environment, "metric")
    .filter(({ over }) => over === "ring")
    .map(({ name, query, max, min }) => ({
      name,
      query: fillQuery(query, {
        environment: stream.environment,
        service: stream.service,
        tenants: tenants.toSorted().join("|"),
      }),
      max,
      min,
    }));
}

/** What its numbers make of a ring in which everything is healthy. */
export type RingMeasured =
  | { readonly kind: "within" }
  /** Each with a sentence: one that is out of bounds, or, where none is, one that is not known. */
  | { readonly kind: "outside" | "unknown"; readonly sentence: string };

export function judgeRing(
  stream: Stream,
  measured: readonly { readonly metric: RingMetric; readonly measurement: Measurement }[],
): RingMeasured {
  const where = stream.ring === "all" ? stream.environment : `${stream.environment}/${stream.ring}`;
  for (const { metric, measurement } of measured) {
    if (measurement.kind === "nothing") continue;
    const broken = judgeBounds(metric, measurement.value);
    if (broken === null) continue;
    return { kind: "outside", sentence: `${metric.name} in ${where} is ${broken.sentence}.` };
  }
  for (const { metric, measurement } of measured) {
    if (measurement.kind === "value") continue;
    const { sentence, remedy } = measurement;
    return { kind: "unknown", sentence: `${metric.name}: ${sentence} ${remedy}` };
  }
  return { kind: "within" };
}

/**
 * The verdict on a ring that is healthy, by its numbers: verified while all are within bounds, else null until it is out
 * of time. Then one that is out of bounds has failed; where nobody knows, the world has not said no, and the verdict is
 * uncertain.
 */
export function verdictByNumbers(
  healthy: Verdict,
  measured: RingMeasured,
  { deadline, now }: { readonly deadline: Date; readonly now: Date },
): Verdict | null {
  if (measured.kind === "within") return healthy;
  if (now < deadline) return null;
  const { sentence } = measured;
  const ended = { ...healthy, failures: undefined };
  if (measured.kind === "outside") return { ...ended, result: "failed", sentence };
  const goesOn = "Sluice goes on looking, and corrects this by itself.";
  return {
    ...ended,
    result: "timed-out",
    sentence: `Healthy, but not measured in time. ${sentence} ${goesOn}`,
    uncertain: true,
  };
}
