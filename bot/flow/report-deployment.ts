import { titleLine } from "#core/inert.ts";
import type { RolloutAssignment } from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";
import type { JobContext } from "#ports/job-queue.ts";

import { isRefused } from "./dashboard-issue.ts";
import type { Deps } from "./deps.ts";

const states = {
  verified: "success",
  failed: "failure",
  "timed-out": "error",
  superseded: "inactive",
} as const satisfies Record<Verdict["result"], string>;

/**
 * Shows a rollout on GitHub's Environments page, where the policy asks for it: one deployment when it begins and one
 * status when it ends, two writes beside a promotion's own. What GitHub refuses here stops nothing.
 */
export async function reportDeployment(
  deps: Deps,
  job: { readonly installation: number; readonly repository: string },
  { signal }: JobContext,
  assignment: RolloutAssignment,
  verdict: Verdict | null,
): Promise<void> {
  if (assignment.deployments !== true) return;
  const { stream, artifact, commit, promotionId, retriedAt } = assignment;
  const sentence = verdict?.sentence ?? `${artifact.tag} is being rolled out.`;
  try {
    await deps.host
      .installation(job.installation, signal)
      .deployments(job.repository)
      .report({
        revision: commit,
        environment: stream.environment,
        task: `deploy:${stream.service}/${stream.ring}`,
        id: `${promotionId}:${commit}:${retriedAt ?? "1"}`,
        description: titleLine(`${stream.service}: ${sentence}`),
        state: verdict === null ? null : states[verdict.result],
      });
  } catch (error) {
    if (!isRefused(error)) throw error;
    const remedy = "give the App the permission deployments: write";
    deps.log.warn({ repository: job.repository, code: error.code, remedy }, "no deployment shown");
  }
}
