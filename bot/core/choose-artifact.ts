import type { Artifact } from "./artifact.ts";
import { barOf } from "./bar.ts";
import { checksQuestion } from "./gates/checks.ts";
import type { Bar } from "./gates/gate-context.ts";
import { liveHealth } from "./gates/health.ts";
import { ask, orderOf } from "./inquiry.ts";
import { verifications, type PlanContext } from "./plan-context.ts";
import { listOptions, type Option } from "./plan-options.ts";
import type { OpenPromotion } from "./plan-types.ts";

/** Which artifact should move into a stream, if any. */
export type Choice =
  | { readonly kind: "artifact"; readonly artifact: Artifact; readonly ripens: readonly Date[] }
  | { readonly kind: "refused"; readonly artifact: Artifact; readonly bar: Bar }
  | { readonly kind: "none"; readonly reason: string; readonly sentence: string };

/** The choice for a stream without an open promotion. */
export function chooseArtifact(context: PlanContext): Choice {
  const { options, considered, incomplete } = listOptions(context);
  let free = options.filter(({ bar }) => bar === null);
  const ripens = ripening(context, free);
  let unhealthy = false;
  while (free.length > 0) {
    const chosen = pick(context, free);
    if (chosen === null) return stillAsking;
    if (!isUnhealthy(context, chosen)) return { kind: "artifact", artifact: chosen, ripens };
    unhealthy = true;
    free = free.filter(({ artifact }) => artifact !== chosen);
  }
  if (incomplete) return stillAsking;
  if (unhealthy) {
    return none("upstream-unhealthy", "What was verified before this stream is unhealthy now.");
  }
  return explain(context, options, considered);
}

/**
 * The choice for a stream whose open promotion still moves something: it stays, unless a strictly newer artifact has
 * passed its own time gates, or the open one has failed or is held off. Frequent builds must not starve a stream.
 *
 * With `supersede: queue` it stays until it is over, whatever comes; one that has failed can never be merged, and would
 * keep the stream shut for good, so that it gives way all the same.
 */
export function chooseOverOpen(context: PlanContext, open: OpenPromotion): Choice {
  const { options } = listOptions(context);
  const newer = options.filter(({ bar, artifact }) => {
    if (bar !== null || isUnhealthy(context, artifact)) return false;
    return (
      orderOf(context.inquiry, context.service.name, open.artifact, artifact)?.relation === "newer"
    );
  });
  const failed = hasFailed(context, open.artifact);
  if (context.environment.supersede === "queue" && !failed)
    return { kind: "artifact", artifact: open.artifact, ripens: [] };
  const ready = failed
    ? newer
    : newer.filter((option) => isRipe(context, option) && checksPassed(context, option.artifact));
  const artifact = ready.length === 0 ? null : pick(context, ready);
  return {
    kind: "artifact",
    artifact: artifact ?? open.artifact,
    ripens: ripening(context, newer),
  };
}

/** The newest whose own time gates have passed, else the one that ripens first; null while that cannot be told. */
function pick(context: PlanContext, options: readonly Option[]): Artifact | null {
  const ripe = options.filter((option) => isRipe(context, option));
  if (ripe.length > 0) return newest(context, ripe);
  const first = Math.min(...options.map(ripeMs));
  return newest(
    context,
    options.filter((option) => ripeMs(option) === first),
  );
}

/**
 * The newest of several. While answers are missing, each next one is taken for newer, so that one pass asks all it can.
 * Of two that cannot be compared the earlier in the list stays: neither is newer.
 */
function newest(context: PlanContext, options: readonly Option[]): Artifact | null {
  let champion: Artifact | null = null;
  let certain = true;
  for (const { artifact } of options) {
    if (champion === null) {
      champion = artifact;
      continue;
    }
    const order = orderOf(context.inquiry, context.service.name, champion, artifact);
    if (order === null) certain = false;
    if (order === null || order.relation === "newer") champion = artifact;
  }
  return certain ? champion : null;
}

function isRipe({ now }: PlanContext, { ripeAt }: Option): boolean {
  return ripeAt !== null && ripeAt <= now;
}

function ripeMs({ ripeAt }: Option): number {
  return ripeAt?.getTime() ?? Infinity;
}

function ripening({ now }: PlanContext, options: readonly Option[]): readonly Date[] {
  return options.flatMap(({ ripeAt }) => (ripeAt !== null && ripeAt > now ? [ripeAt] : []));
}

/** Checks that are still running would let every build replace the one before it, for ever. */
function checksPassed(context: PlanContext, artifact: Artifact): boolean {
  const question = checksQuestion({ ...context, artifact });
  if (question === null) return true;
  const answer = ask(context.inquiry, question);
  return answer !== null && answer.checks.every(({ state }) => state === "success");
}

function checksFailed(context: PlanContext, artifact: Artifact): boolean {
  const question = checksQuestion({ ...context, artifact });
  const answer = question === null ? null : ask(context.inquiry, question);
  return answer !== null && answer.checks.some(({ state }) => state === "failure");
}

function hasFailed(context: PlanContext, artifact: Artifact): boolean {
  if (barOf(context, artifact)?.status === "failed") return true;
  if (isUnhealthy(context, artifact) || checksFailed(context, artifact)) return true;
  return verifications(context, artifact).some(
    ({ verification }) => verification.kind === "failed" || verification.kind === "withdrawn",
  );
}

function isUnhealthy(context: PlanContext, artifact: Artifact): boolean {
  const upstream = verifications(context, artifact);
  return liveHealth({ artifact, upstream, answers: context.inquiry.answers }).some(
    ({ kind }) => kind === "unhealthy",
  );
}

/** Why nothing moves. */
function explain(context: PlanContext, options: readonly Option[], considered: number): Choice {
  const asking = options.find(({ bar }) => bar?.status === "pending")?.bar;
  if (asking) return none(asking.reason, asking.sentence);
  const stopped = options.filter(({ bar }) => bar !== null && stops.has(bar.reason));
  const refused = options.filter((option) => !stopped.includes(option));
  const [stop] = stopped;
  if (refused.length > 0) {
    const artifact = newest(context, refused);
    if (artifact === null) return stillAsking;
    const bar = refused.find((option) => option.artifact === artifact)?.bar;
    if (bar) return { kind: "refused", artifact, bar };
  }
  if (stop?.bar) return none(stop.bar.reason, withRemedy(stop.bar));
  if (considered > 0) return none("up-to-date", "Nothing newer than what stands here.");
  const first = context.upstream.length === 0;
  return first
    ? none(
        "nothing-published",
        "Nothing that the policy's tags.match admits has been published yet.",
      )
    : none(
        "nothing-verified",
        `Nothing is verified in ${context.upstream.at(-1)?.name ?? "what comes before"} yet.`,
      );
}

/** What holds a known artifact off is said where it is held; builds of other branches are everyday, and no news. */
const stops = new Set(["failed-here", "held", "vetoed", "not-on-branch"]);

const stillAsking: Choice = none("not-known-yet", "Sluice is still finding out what is newer.");

function withRemedy({ sentence, remedy }: Bar): string {
  return remedy === undefined ? sentence : `${sentence} ${remedy}`;
}

function none(reason: string, sentence: string): Choice {
  return { kind: "none", reason, sentence };
}
