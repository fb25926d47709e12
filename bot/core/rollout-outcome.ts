import type { Artifact } from "./artifact.ts";
import type { CheckText } from "./check-run.ts";
import { codeSpan } from "./inert.ts";
import type { RolloutProgress } from "./stream-rollout.ts";
import type { Stream } from "./target.ts";
import type { Verdict } from "./verdict.ts";

export type RolloutCounts = RolloutProgress["counts"];

/** How a rollout stands, as its check runs say it. */
export type RolloutOutcome = Verdict["result"] | "blocked" | "under-way";

/** Without a verdict it is under way, unless nothing can go on without a person. */
export function rolloutOutcome(
  result: Verdict["result"] | null,
  counts: RolloutCounts,
): RolloutOutcome {
  if (result !== null) return result;
  return counts.blocked > 0 && counts.underWay === 0 ? "blocked" : "under-way";
}

/** What a check run concludes from it. */
export const outcomes = {
  verified: { status: "completed", conclusion: "success" },
  failed: { status: "completed", conclusion: "failure" },
  "timed-out": { status: "completed", conclusion: "timed_out" },
  superseded: { status: "completed", conclusion: "cancelled" },
  blocked: { status: "completed", conclusion: "action_required" },
  "under-way": { status: "in_progress", conclusion: null },
} as const satisfies Record<RolloutOutcome, Pick<CheckText, "status" | "conclusion">>;

/** What comes next where nothing goes on by itself. */
export const halted =
  "**Next:** nothing else gets this artifact. Publish a newer one; or remove the cause and write `/retry` on its pull request, or run this check again.";

/** The columns of `ringRow`. */
export const ringColumns = ["Service", "Ring", "Artifact", "Healthy", "Not healthy", "Under way"];

/** One ring in a table; Markdown. */
export function ringRow({ service, ring }: Stream, { tag }: Artifact, counts: RolloutCounts) {
  const bad = counts.failed + counts.blocked;
  return [
    codeSpan(service),
    codeSpan(ring),
    codeSpan(tag),
    `${counts.healthy} of ${counts.total}`,
    String(bad),
    String(counts.underWay),
  ];
}
