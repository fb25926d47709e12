import { judgeRing, verdictByNumbers } from "#core/ring-metrics.ts";
import type { RolloutAssignment, RolloutProgress } from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";

import type { Deps } from "./deps.ts";

/** What the ring's numbers make of a verdict; `waiting`: what is waited for, where that is why there is none yet. */
export type MeasuredVerdict = { readonly verdict: Verdict | null; readonly waiting: string | null };

/** A ring that is healthy is measured, where the policy asks for it (`metric` with `over: ring`), before it is verified. */
export async function measureRing(
  { measurements, clock }: Pick<Deps, "measurements" | "clock">,
  assignment: RolloutAssignment,
  verdict: Verdict | null,
  { deadline }: Pick<RolloutProgress, "deadline">,
  signal: AbortSignal,
): Promise<MeasuredVerdict> {
  const { metrics = [], stream } = assignment;
  if (verdict?.result !== "verified" || metrics.length === 0) return { verdict, waiting: null };
  const answers = await Promise.all(
    metrics.map(async (metric) => ({
      metric,
      measurement: await measurements.measure(metric.query, signal),
    })),
  );
  const measured = judgeRing(stream, answers);
  const judged = verdictByNumbers(verdict, measured, { deadline, now: clock.now() });
  return {
    verdict: judged,
    waiting: judged === null && measured.kind !== "within" ? measured.sentence : null,
  };
}
