import { gitopsRevisions, isOperating, isPrunePending, type Application } from "./application.ts";
import { isRevision } from "./artifact.ts";
import { judgeHealth } from "./rollout-health.ts";
import { judged, short } from "./rollout-judgement.ts";
import { findFailure, judgeFreshness } from "./rollout-operation.ts";
import { start } from "./rollout-start.ts";
import type { Judgement, RolloutAct, RolloutLook } from "./rollout-types.ts";

/** Errors in conditions may heal by themselves (a repository that is down); after this they are failures. Ours. */
const blockedGraceMs = 5 * 60_000;
/** When half a wait has not helped, manifests are rendered anew: Argo CD keeps their errors for an hour. */
const hardRefreshAfterMs = 60_000;

const errors = new Set(["ComparisonError", "InvalidSpecError", "UnknownError"]);

/**
 * Judges one Application, as one fresh GET showed it, against what was promoted. On an
 * application from a list the same answer is a hint, and `confirm` says that it is worth a GET.
 *
 * Pure: what it must know and cannot see it asks for, what it should remember it returns.
 */
export function judgeApplication(application: Application, look: RolloutLook): Judgement {
  const error = application.deleting
    ? { sentence: "The application is being deleted.", detail: null }
    : findError(application);
  if (error !== null) return judgeError(application, look, error);

  const revisions = gitopsRevisions(application, look.promoted.repository);
  if (revisions.length === 0) {
    const sentence = `No source of the application reads ${look.promoted.repository}: correct the application, or the name pattern in the policy.`;
    return judgeError(application, look, { sentence, detail: null });
  }
  return (
    judgeRevisions(application, look, revisions) ??
    judgeOperation(application, look) ??
    judgeFreshness(application, look) ??
    judgeSync(application, look) ??
    judgeHealth(application, look, revisions)
  );
}

function findError(application: Application): { sentence: string; detail: string } | null {
  const condition = application.conditions.find(({ type }) => errors.has(type));
  if (condition !== undefined)
    return { sentence: `Argo CD reports ${condition.type}.`, detail: condition.message };
  const failure = application.hydrator?.failure ?? null;
  return failure === null
    ? null
    : { sentence: "Argo CD cannot hydrate the source.", detail: failure };
}

function judgeError(
  application: Application,
  look: RolloutLook,
  error: { sentence: string; detail: string | null },
): Judgement {
  const now = look.now.getTime();
  const { blockedSince = now, refreshedAt, hardRefreshedAt } = look.memory;
  const waited = now - blockedSince;
  const memory = { blockedSince };
  const looked = application.deleting || hardRefreshedAt !== undefined;
  if (waited >= blockedGraceMs && looked)
    return judged(look, "failed", error.sentence, { ...error, memory, confirm: true });
  const sentence = `${error.sentence} If that lasts longer than ${blockedGraceMs / 60_000} minutes, the rollout has failed.`;
  return judged(look, "blocked", sentence, { ...error, memory, act: act() });

  function act(): RolloutAct | null {
    if (application.deleting) return null;
    if (refreshedAt === undefined) return "refresh";
    return waited >= hardRefreshAfterMs && hardRefreshedAt === undefined ? "refresh-hard" : null;
  }
}

/** Has Argo CD compared with the commit, and does Git still want the artifact there? */
function judgeRevisions(
  application: Application,
  look: RolloutLook,
  revisions: readonly string[],
): Judgement | null {
  const { commit, repository } = look.promoted;
  for (const revision of revisions) {
    if (!isRevision(revision))
      return start(application, look, "Argo CD has not compared the application with Git yet.");
    const answer = look.answers.revision(revision);
    if (answer === undefined) return { kind: "question", question: { kind: "revision", revision } };
    if (answer.contains === "unknown")
      return judged(
        look,
        "blocked",
        `Argo CD compared with ${short(revision)}, and whether ${repository} has ${short(commit)} below it is unknown: was its branch rewritten?`,
      );
    if (answer.contains === "no")
      return start(
        application,
        look,
        `Argo CD stands at ${short(revision)}, which does not contain ${short(commit)} yet.`,
      );
    if (answer.holds === "unreadable") return judged(look, "blocked", answer.sentence);
    if (answer.holds === "no")
      // What Git took away and brought back is not lost: Argo CD looks before that is said.
      return look.memory.refreshedAt === undefined
        ? judged(look, "waiting", answer.sentence, { act: "refresh" })
        : judged(look, "superseded", answer.sentence, { confirm: true });
  }
  return hydrated(application)
    ? null
    : start(application, look, "Argo CD has hydrated the commit and not compared with that yet.");
}

function hydrated(application: Application): boolean {
  const { hydrator, sync } = application;
  return hydrator === null || sync.revisions[0] === hydrator.hydratedSha;
}

function judgeOperation(application: Application, look: RolloutLook): Judgement | null {
  if (isOperating(application)) return syncing(application, look);
  const failure = findFailure(application, look);
  if (failure === null) return null;
  if (failure.kind === "question") return failure;
  if (failure.retried) return start(application, look, "A sync failed before; it is tried again.");
  return judged(look, "failed", failure.sentence, {
    detail: failure.detail,
    confirm: true,
    failure: "sync",
  });
}

function syncing(application: Application, look: RolloutLook): Judgement {
  const { operation } = application;
  const retries = operation?.retries ?? 0;
  const again = retries > 0 ? ` It has been retried ${retries} times.` : "";
  return judged(look, "syncing", `Argo CD is syncing.${again}`, {
    detail: operation?.message ?? null,
  });
}

function judgeSync(application: Application, look: RolloutLook): Judgement | null {
  const { status } = application.sync;
  if (status === "Synced" || (status === "OutOfSync" && isPrunePending(application))) return null;
  if (status === "Unknown")
    return judged(look, "out-of-sync", "Argo CD does not know whether the application is in sync.");
  return start(application, look, "Git and the cluster differ.");
}
