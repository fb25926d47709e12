import type { Artifact } from "./artifact.ts";
import { codeSpan, prose } from "./inert.ts";
import type { RolloutCounts, RolloutOutcome } from "./rollout-outcome.ts";
import type { RolloutProgress, TargetProgress } from "./stream-rollout.ts";
import type { Stream } from "./target.ts";
import type { Verdict } from "./verdict.ts";
import { count } from "./words.ts";

/** What a check run shows of one stream's rollout. */
export type RolloutReport = {
  readonly assignment: {
    readonly stream: Stream;
    readonly artifact: Artifact;
    readonly commit: string;
    /** What the policy says of a failure; nothing: it halts. */
    readonly onFailure?: "halt" | "rollback" | undefined;
    /** The environment's rings that the artifact has to pass, in order. */
    readonly rings?: readonly string[] | undefined;
  };
  readonly progress: Pick<
    RolloutProgress,
    "targets" | "counts" | "trouble" | "waiting" | "deadline"
  >;
  /** Null while it is under way. */
  readonly verdict: Verdict | null;
};

/** In a few words: `healthy for all 12 tenants`. */
export function describeState(outcome: RolloutOutcome, counts: RolloutCounts): string {
  const all = count(counts.total, "tenant");
  switch (outcome) {
    case "verified":
      if (counts.healthy < counts.total)
        return `healthy for ${counts.healthy} of ${all}, the ring bears the rest`;
      return counts.total === 1 ? "healthy" : `healthy for all ${all}`;
    case "failed":
      return `failed for ${Math.max(1, counts.failed + counts.blocked)} of ${all}`;
    case "timed-out":
      return `out of time, ${counts.healthy} of ${all} healthy`;
    case "superseded":
      return "superseded before it had settled";
    case "blocked":
      return `blocked for ${counts.blocked} of ${all}`;
    case "under-way":
      return `${counts.healthy} of ${all} healthy`;
  }
}

/** The tenants that are not there, worst first, each with what Argo CD says. */
export function renderUnfinished(targets: readonly TargetProgress[]): string {
  const unfinished = targets.filter(({ state }) => state !== "healthy");
  if (unfinished.length === 0) return "";
  const lines = unfinished
    .toSorted((one, other) => rank(one) - rank(other) || (one.tenant < other.tenant ? -1 : 1))
    .map(({ tenant, application, state, sentence, detail }) => {
      const said = detail === null || detail === "" ? "" : ` ${codeSpan(detail, 400)}`;
      return `- ${codeSpan(tenant, 63)} (${codeSpan(application, 253)}), ${state}: ${prose(sentence, 400)}${said}`;
    });
  return [`### ${count(unfinished.length, "tenant")} not there yet`, "", ...lines].join("\n");
}

function rank({ state }: TargetProgress): number {
  const order: readonly string[] = ["failed", "timed-out", "blocked", "degraded", "mismatch"];
  const index = order.indexOf(state);
  return index === -1 ? order.length : index;
}
