import { Fault } from "#core/error.ts";
import { titleLine } from "#core/inert.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";
import type { JobContext } from "#ports/job-queue.ts";

import type { Deps } from "./deps.ts";

const states = {
  verified: "success",
  failed: "failure",
  "timed-out": "error",
  superseded: "inactive",
} as const satisfies Record<Verdict["result"], string>;

/** From this timeout on it is said that a rollout is in progress: GitHub gives up what is pending for 30 minutes. */
const longRolloutMs = 25 * 60_000;
/** What GitHub refused is not asked again for an hour, and not told again while it goes on. Ours. */
const asksAgainAfterMs = 3_600_000;
const kept = { ttlMs: 24 * 3_600_000 };

/**
 * Shows a rollout on GitHub's Environments page: a deployment, pending, when it begins, and a status when it ends, two
 * writes beside a promotion's own; a long one takes a third. Only what came after Sluice's first promotion into the
 * stream is shown, however it came. What GitHub refuses here stops nothing; what else goes wrong is thrown to whoever `insists`.
 */
export async function reportDeployment(
  deps: Deps,
  job: { readonly installation: number; readonly repository: string },
  { signal }: JobContext,
  assignment: RolloutAssignment,
  verdict: Verdict | null,
  insists = false,
): Promise<void> {
  if (assignment.deployments !== true) return;
  const { facts, clock, log } = deps;
  const { stream, artifact, commit, promotionId, retriedAt } = assignment;
  const refusal = `deployments-refused/${job.repository}/${stream.environment}`;
  const refused = await facts.get<{ readonly until: string }>(refusal);
  if (refused !== null && clock.now() < new Date(refused.until)) return;
  const sentence = verdict?.sentence ?? `${artifact.tag} is being rolled out.`;
  try {
    await deps.host
      .installation(job.installation, signal)
      .deployments(job.repository)
      .report({
        revision: commit,
        environment: stream.environment,
        production: assignment.production === true,
        task: `deploy:${stream.service}/${stream.ring}`,
        id: `${promotionId}:${commit}:${retriedAt ?? "1"}`,
        description: titleLine(`${stream.service}: ${sentence}`),
        state: stateOf(assignment, verdict),
      });
    if (refused !== null) await facts.delete([refusal]);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (!isRefusal(error)) {
      // What could not be shown when it began is made up for when it ends.
      if (!insists) return;
      throw error;
    }
    const until = new Date(clock.now().getTime() + asksAgainAfterMs).toISOString();
    await facts.set(refusal, { until }, kept);
    if (refused !== null) return;
    const remedy =
      "give the App the permission deployments: write, or write deployments: false in the policy";
    log.warn(
      { repository: job.repository, environment: stream.environment, code: error.code, remedy },
      "no deployments shown on GitHub's Environments page",
    );
  }
}

function isRefusal({ code }: Fault): boolean {
  return ["github.forbidden", "github.not-found", "github.refused"].includes(code);
}

function stateOf({ timeoutMs }: RolloutAssignment, verdict: Verdict | null) {
  if (verdict !== null) return states[verdict.result];
  return timeoutMs < longRolloutMs ? null : "in_progress";
}
