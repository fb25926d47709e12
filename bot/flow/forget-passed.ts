import { questionKey, type PlanInput } from "#core/plan-types.ts";

import type { RepositoryContext } from "./repository-context.ts";

/**
 * Sets aside what the first environment has caught up with, so that the next plan does not ask about it again: the
 * number of questions stays that of the builds that are really waiting.
 */
export async function forgetPassed(context: RepositoryContext, input: PlanInput): Promise<void> {
  const first = input.policy.environments[0]?.name;
  for (const [service, candidates] of input.candidates) {
    const desired = input.streams
      .filter(({ stream }) => stream.service === service && stream.environment === first)
      .flatMap((state) => state.desired);
    if (desired.length === 0) continue;
    for (const artifact of candidates) {
      const passed = desired.every((one) => {
        const key = questionKey({ kind: "order", service, from: one.artifact, to: artifact });
        const answer = input.answers.get(key);
        return (
          answer?.kind === "order" &&
          ["older", "same", "values-only"].includes(answer.order.relation)
        );
      });
      if (passed) await context.memory.passCandidate(service, artifact.tag);
    }
  }
}
