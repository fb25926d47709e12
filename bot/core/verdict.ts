import type { Artifact } from "./artifact.ts";

/** How a rollout ended for one stream and one artifact. Only `verified` lets an artifact go further. */
export type Verdict = {
  readonly artifact: Artifact;
  readonly result: "verified" | "failed" | "timed-out" | "superseded";
  /** When it was reached: the start of every soak. */
  readonly at: Date;
  /** The commit of the GitOps repository that brought the artifact. */
  readonly commit: string;
  /** Tenants that were judged; a verdict over none is not possible. */
  readonly tenants: readonly string[];
  readonly sentence: string;
  /** What failed first was Argo CD's sync; absent: what came of it. */
  readonly failure?: "sync" | undefined;
  /** Out of time while nothing could be learned: it counts, is looked at again, and corrected by itself. */
  readonly uncertain?: boolean | undefined;
  /** Of `tenants`: those that failed in a verified rollout, because the ring's `maxFailures` bears them. */
  readonly failures?: readonly string[] | undefined;
};

/** Did this tenant, which was judged, end well? */
export function endedWell(
  { result, failures }: Pick<Verdict, "result" | "failures">,
  tenant: string,
): boolean {
  return result === "verified" && failures?.includes(tenant) !== true;
}

/** The rollout goes on, or starts again where Git still wants the artifact: another verdict follows. */
export function isOpen(verdict: Pick<Verdict, "result" | "uncertain">): boolean {
  return verdict.result === "superseded" || verdict.uncertain === true;
}
