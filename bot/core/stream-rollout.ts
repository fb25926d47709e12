import type { Artifact } from "./artifact.ts";
import { describeDuration } from "./duration.ts";
import type { RingMetric } from "./ring-metrics.ts";
import { isFinal, type TargetRollout } from "./rollout-types.ts";
import type { Stream, Target } from "./target.ts";
import type { Verdict } from "./verdict.ts";

/**
 * What one stream's rollout is about: written by the reconcile whenever a desired artifact has no verdict, read by
 * every tick of the rollout. Plain JSON; times are ISO 8601.
 */
export type RolloutAssignment = {
  readonly installation: number;
  /** `owner/name` of the GitOps repository. */
  readonly repository: string;
  readonly stream: Stream;
  readonly artifact: Artifact;
  /** The newest commit of the GitOps repository that brought the artifact to one of `targets`. */
  readonly commit: string;
  /** Also for what a person brought: it marks Sluice's own syncs, and the same commit gives the same id. */
  readonly promotionId: string;
  /** The targets of the stream that Git wants to run this artifact. */
  readonly targets: readonly Target[];
  /** Where the values files hold it. */
  readonly values: { readonly tag: string; readonly digest: string | null };
  /** The merge, else when it was first seen. */
  readonly startedAt: string;
  /** When a person asked to try again (`/retry`): failures before it do not count, and the timeout counts from it. */
  readonly retriedAt: string | null;
  readonly timeoutMs: number;
  /** Name of the Argo CD instance. */
  readonly instance: string;
  readonly onFailure: "halt" | "rollback";
  /** What must be within bounds once everything is healthy; absent: nothing. */
  readonly metrics?: readonly RingMetric[];
  /** Targets that may fail without the ring having failed; none where it is not stated. */
  readonly maxFailures?: number;
  /** The environment's rings in which the service has targets that move, in order; none known where not stated. */
  readonly rings?: readonly string[];
  /** It is shown on GitHub's Environments page; not where it is not stated. */
  readonly deployments?: boolean;
  /** Into the last environment, the one that tenants' users see; not where it is not stated. */
  readonly production?: boolean;
  /** Where the check run is mirrored. */
  readonly source: { readonly repository: string; readonly revision: string } | null;
};

/** How far a rollout is: what its check run shows. */
export type RolloutProgress = {
  /** In the order of the assignment, every target once. */
  readonly targets: readonly TargetProgress[];
  readonly counts: {
    readonly total: number;
    readonly healthy: number;
    readonly failed: number;
    readonly blocked: number;
    readonly underWay: number;
  };
  /** Why nothing could be learned just now: Argo CD or GitHub does not answer. What is said of targets is older then. */
  readonly trouble: string | null;
  /** The number that a healthy ring still waits for; absent: none. */
  readonly waiting?: string | null;
  readonly deadline: Date;
};

export type TargetProgress = {
  readonly tenant: string;
  readonly application: string;
  readonly state: TargetRollout;
  /** Our own words. */
  readonly sentence: string;
  /** Argo CD's words, possibly over several lines: to be shown inert. */
  readonly detail: string | null;
  readonly failure?: "sync" | undefined;
  /** It progresses, and its new pods do not start. */
  readonly stuck?: true | undefined;
  /** Since when it has been in this state. */
  readonly since: Date;
};

/** After a restart without memory, or when a rollout is found late, its targets still get this long. Ours. */
const leastTimeMs = 60_000;

/** Names a rollout among those of its stream: same artifact, same commit, same attempt, same targets: it goes on. */
export function rolloutId(assignment: RolloutAssignment): string {
  const { artifact, commit, retriedAt, targets } = assignment;
  const places = targets.map(({ tenant, application }) => `${tenant}=${application}`);
  return [artifact.tag, artifact.digest ?? "", commit, retriedAt ?? "", ...places].join(" ");
}

/** When the rollout is out of time. `firstLook`: when its applications were first looked at. */
export function deadlineOf(assignment: RolloutAssignment, firstLook: Date): Date {
  const from = new Date(assignment.retriedAt ?? assignment.startedAt).getTime();
  const end = Number.isNaN(from) ? firstLook.getTime() : from;
  return new Date(Math.max(end + assignment.timeoutMs, firstLook.getTime() + leastTimeMs));
}

export function progressOf(
  targets: readonly TargetProgress[],
  more: { readonly trouble: string | null; readonly deadline: Date },
): RolloutProgress {
  const count = (...states: readonly TargetRollout[]) =>
    targets.filter(({ state }) => states.includes(state)).length;
  const healthy = count("healthy");
  const failed = count("failed", "timed-out");
  const blocked = count("blocked", "paused", "superseded");
  const total = targets.length;
  const counts = { total, healthy, failed, blocked, underWay: total - healthy - failed - blocked };
  return { targets, counts, trouble: more.trouble, deadline: more.deadline };
}

/**
 * The verdict of a whole stream, null while it is open. A failure counts at once, so that the line stops, unless the
 * ring bears it; verified are all but as many as it bears, and one at least; out of time is whatever is not over at the
 * deadline. A target that is just proving that it stays healthy is given the moment that this takes. Out of time while
 * nothing can be learned is uncertain: the world has not said no.
 */
export function judgeStream(
  assignment: RolloutAssignment,
  progress: RolloutProgress,
  now: Date,
): Verdict | null {
  const { artifact, commit } = assignment;
  const verdict = (result: Verdict["result"], sentence: string): Verdict => ({
    artifact,
    result,
    at: now,
    commit,
    tenants: progress.targets.map(({ tenant }) => tenant),
    sentence,
  });
  const { targets, counts, trouble } = progress;
  const { environment, ring } = assignment.stream;
  if (targets.length === 0)
    return verdict(
      "failed",
      `There is no target in ${environment}/${ring}: add a values file, or correct the pattern in the policy.`,
    );
  const bearable = Math.min(assignment.maxFailures ?? 0, counts.total - 1);
  const failed = targets.filter(({ state }) => state === "failed");
  if (failed.length > bearable)
    return {
      ...verdict("failed", sentenceOf(failed, counts.total, "failed")),
      ...(failed[0]?.failure === undefined ? {} : { failure: failed[0].failure }),
    };
  const superseded = targets.filter(({ state }) => state === "superseded");
  if (superseded.length > 0)
    return verdict(
      "superseded",
      sentenceOf(superseded, counts.total, "moved on to something else"),
    );
  const wrong = targets.filter(({ state }) => state !== "healthy");
  const well = (): Verdict => {
    const there = nameOrCount(targets.filter(({ state }) => state === "healthy"));
    const healthy = `${artifact.tag} is healthy in ${there}`;
    if (wrong.length === 0) return verdict("verified", `${healthy}.`);
    const borne = `${nameOrCount(wrong)} failed, and the ring bears ${bearable} (maxFailures)`;
    const failures = wrong.map(({ tenant }) => tenant);
    return { ...verdict("verified", `${healthy}; ${borne}.`), failures };
  };
  if (wrong.length === failed.length) return well();
  if (now < progress.deadline) return null;
  const open = targets.filter(({ state }) => !isFinal(state));
  const settling = open.every(({ state }) => state === "settling") && trouble === null;
  const over = now.getTime() - progress.deadline.getTime() > leastTimeMs;
  if (settling && !over) return null;
  if (trouble === null && wrong.length <= bearable) return well();
  const spent = describeDuration(assignment.timeoutMs);
  const sentence = sentenceOf(open, counts.total, `did not become healthy within ${spent}`);
  if (trouble === null) return verdict("timed-out", sentence);
  const goesOn = "Sluice goes on looking, and corrects this by itself.";
  return { ...verdict("timed-out", `${sentence} ${trouble} ${goesOn}`), uncertain: true };
}

/** The progress as it stands once the stream is out of time. */
export function timeOut(progress: RolloutProgress): RolloutProgress {
  const targets = progress.targets.map((target) =>
    isFinal(target.state) ? target : { ...target, state: "timed-out" as const },
  );
  return progressOf(targets, progress);
}

/** Milliseconds until the next look: soon while things move, never more than ten seconds. */
export function pauseBeforeNextLook(progress: RolloutProgress, elapsedMs: number): number {
  const { total } = progress.counts;
  const crowd = total > 200 ? 3_000 : 1_000;
  if (progress.trouble !== null) return elapsedMs < 60_000 ? 3_000 : 10_000;
  if (progress.waiting !== undefined && progress.waiting !== null) return 10_000;
  if (progress.targets.some(({ state }) => state === "settling" || state === "stale")) return crowd;
  if (elapsedMs < 60_000) return crowd;
  if (elapsedMs < 180_000) return Math.max(crowd, 2_000);
  return elapsedMs < 600_000 ? 5_000 : 10_000;
}

function sentenceOf(targets: readonly TargetProgress[], total: number, what: string): string {
  const [first] = targets;
  const others = targets.length - 1;
  const who = others <= 0 ? (first?.tenant ?? "") : `${first?.tenant ?? ""} and ${others} more`;
  return `${who} of ${total} ${total === 1 ? "target" : "targets"} ${what}. ${first?.tenant ?? ""}: ${first?.sentence ?? ""}`;
}

function nameOrCount(targets: readonly TargetProgress[]): string {
  const names = targets.map(({ tenant }) => tenant);
  return names.length <= 3 ? names.join(", ") : `${names.length} tenants`;
}
