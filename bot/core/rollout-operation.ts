import { gitopsRevisions, type Application, type OperationState } from "./application.ts";
import { isRevision } from "./artifact.ts";
import { judged, short } from "./rollout-judgement.ts";
import type { Judgement, RolloutLook, RolloutQuestion } from "./rollout-types.ts";

/**
 * `reconciledAt` is the second in which a comparison started, so a refresh within the operation's last second proves
 * nothing; it is asked for after it, and again after a while where Argo CD's clock and ours differ.
 */
const freshenAfterMs = 1_100;
const freshenPauseMs = 10_000;

type Failure =
  | { readonly kind: "question"; readonly question: RolloutQuestion }
  | {
      readonly kind: "failure";
      /** It failed before a person asked to try again. */
      readonly retried: boolean;
      readonly sentence: string;
      readonly detail: string;
    };

/** The last operation, where it failed and it is about what was promoted; one of before does not count. */
export function findFailure(application: Application, look: RolloutLook): Failure | null {
  const { operation } = application;
  if (operation?.phase !== "Failed" && operation?.phase !== "Error") return null;
  const relevant = isRelevant(application, operation, look);
  if (typeof relevant === "object") return { kind: "question", question: relevant };
  if (!relevant) return null;
  const { retriedAt } = look.promoted;
  const { finishedAt } = operation;
  const tries = operation.retries > 0 ? ` after ${operation.retries + 1} tries` : "";
  const reasons = operation.failures.map(({ resource, message }) => `${resource}: ${message}`);
  return {
    kind: "failure",
    retried: retriedAt !== null && finishedAt !== null && finishedAt < retriedAt,
    sentence: `The sync ${operation.phase === "Error" ? "could not be carried out" : "failed"}${tries}.`,
    detail: [operation.message, ...reasons].filter(Boolean).join("\n"),
  };
}

/** Ours, or at a revision that contains the commit. A question where that is not known yet. */
function isRelevant(
  application: Application,
  operation: OperationState,
  look: RolloutLook,
): boolean | RolloutQuestion {
  const { promotionId, repository, since } = look.promoted;
  if (operation.infos.some(({ name, value }) => name === "sluice" && value === promotionId))
    return true;
  if (application.hydrator !== null)
    return operation.revisions[0] === application.hydrator.hydratedSha;
  const revisions = gitopsRevisions(application, repository, operation.revisions).filter(
    isRevision,
  );
  // It failed before it had a revision: only the time tells what it was about.
  if (revisions.length === 0) return operation.startedAt !== null && operation.startedAt >= since;
  for (const revision of revisions) {
    const answer = look.answers.revision(revision);
    if (answer === undefined) return { kind: "revision", revision };
    if (answer.contains === "yes") return true;
  }
  return false;
}

/**
 * Between the end of an operation and the comparison that follows, an application still shows what was before it.
 * Only a comparison that began strictly later than the operation's last second counts.
 */
export function judgeFreshness(application: Application, look: RolloutLook): Judgement | null {
  const finishedAt = application.operation?.finishedAt ?? null;
  const { reconciledAt } = application;
  if (finishedAt === null) return null;
  if (reconciledAt !== null && reconciledAt > finishedAt) return null;
  // Pods that are still starting keep it open anyway: the look is saved for when they have.
  const { health, sync } = application;
  if (sync.status === "Synced" && health.status === "Progressing") return null;
  const now = look.now.getTime();
  const { freshenedAt } = look.memory;
  const over = now - finishedAt.getTime() >= freshenAfterMs || now < finishedAt.getTime();
  const due = over && (freshenedAt === undefined || now - freshenedAt >= freshenPauseMs);
  const sentence = "The sync is over; Argo CD has to look at the outcome once more.";
  return due && !application.ignored
    ? judged(look, "stale", sentence, { act: "freshen" })
    : judged(look, "stale", sentence);
}

/** `at 1a2b3c4` */
export function atRevisions(revisions: readonly string[]): string {
  return `at ${revisions.map(short).join(", ")}`;
}
