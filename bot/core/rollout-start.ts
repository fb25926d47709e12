import { isOperating, type Application, type OperationState } from "./application.ts";
import { judged } from "./rollout-judgement.ts";
import { judgeFreshness } from "./rollout-operation.ts";
import type { Judgement, RolloutLook } from "./rollout-types.ts";

/** A refresh that did not help is asked for again after this, then after twice as long, and so on. Ours. */
const refreshPauseMs = 60_000;
/** A sync whose outcome we never saw is sent again only after this, and only when a GET shows no trace of it. Ours. */
const syncPauseMs = 30_000;
/** Argo CD starts an automated sync within a second or two; later than this a closed window may be why it does not. */
const windowAfterMs = 15_000;
const windowPauseMs = 60_000;

/**
 * The application is not yet where Git wants it: what Argo CD does about it by itself, or what we ask it to do.
 *
 * Automated: one refresh, never a sync. Manual: one sync without a revision, so that Argo CD resolves the branch
 * itself. Owned by an ApplicationSet that syncs step by step: only observed, a sync of ours would jump its queue.
 */
export function start(application: Application, look: RolloutLook, sentence: string): Judgement {
  if (isOperating(application))
    return judged(look, "syncing", `${sentence} An operation is running.`, {
      detail: application.operation?.message ?? null,
    });
  const outOfSync = application.sync.status === "OutOfSync";
  const state = outOfSync ? "out-of-sync" : "waiting";
  if (application.ignored)
    return judged(
      look,
      "blocked",
      `${sentence} Argo CD is told to ignore the application: remove its annotation argocd.argoproj.io/skip-reconcile.`,
    );
  const hydrates = application.hydrator !== null && !outOfSync;
  if ((application.automated || hydrates) && !wantsRetry(application, look))
    return startAutomated(application, look, sentence, state);
  return startManual(application, look, sentence, state);
}

function startAutomated(
  application: Application,
  look: RolloutLook,
  sentence: string,
  state: "out-of-sync" | "waiting",
): Judgement {
  const gaveUp = application.conditions.find(({ type }) => type === "SyncError");
  if (state === "out-of-sync" && gaveUp !== undefined && concerns(application, gaveUp.message))
    return judged(
      look,
      "failed",
      "Argo CD has given up syncing this revision; /retry syncs again.",
      {
        detail: gaveUp.message,
        confirm: true,
        failure: "sync",
      },
    );
  if (state === "out-of-sync") return awaitSync(look, sentence);
  const now = look.now.getTime();
  const { refreshedAt, refreshes = 0 } = look.memory;
  const pause = refreshPauseMs * 2 ** Math.max(0, refreshes - 1);
  const asked = refreshedAt !== undefined && now - refreshedAt < pause;
  return judged(look, state, `${sentence} Argo CD is asked to look.`, {
    act: asked ? null : "refresh",
  });
}

function awaitSync(look: RolloutLook, sentence: string): Judgement {
  const now = look.now.getTime();
  const { outOfSyncSince = now, windowAt, windowClosed } = look.memory;
  const { window } = look.answers;
  const due = windowAt === undefined || now - windowAt >= windowPauseMs;
  if (window === undefined && due && now - outOfSyncSince >= windowAfterMs)
    return { kind: "question", question: { kind: "window" } };
  const closed = window === undefined ? windowClosed === true : window === "closed";
  const memory = {
    outOfSyncSince,
    ...(window === undefined ? {} : { windowAt: now, windowClosed: closed }),
  };
  return closed
    ? judged(look, "blocked", `${sentence} A sync window keeps Argo CD from syncing now.`, {
        memory,
      })
    : judged(look, "out-of-sync", `${sentence} Argo CD syncs it by itself.`, { memory });
}

function startManual(
  application: Application,
  look: RolloutLook,
  sentence: string,
  state: "out-of-sync" | "waiting",
): Judgement {
  if (application.owner !== null) {
    const { owner } = look.answers;
    if (owner === undefined)
      return { kind: "question", question: { kind: "owner", owner: application.owner } };
    if (owner === "progressive")
      return judged(
        look,
        state,
        `${sentence} Its ApplicationSet ${application.owner} syncs step by step and decides when.`,
      );
    if (owner === "unknown")
      return judged(
        look,
        "blocked",
        `${sentence} Whether its ApplicationSet ${application.owner} syncs step by step cannot be seen: allow Sluice's account 'applicationsets, get', or sync by hand.`,
      );
  }
  const stale = judgeFreshness(application, look);
  if (stale !== null) return stale;
  const own = ownSync(application, look);
  const here = own?.revisions.every((revision) => application.sync.revisions.includes(revision));
  if (state === "out-of-sync" && here === true)
    return judged(look, state, `${sentence} They still differ after Sluice's sync.`, {
      detail: differing(application),
    });
  const askedAt = Math.max(look.memory.syncedAt ?? 0, own?.finishedAt?.getTime() ?? 0);
  const { syncRefusal } = look.memory;
  if (look.now.getTime() - askedAt < syncPauseMs)
    return syncRefusal === undefined
      ? judged(look, state, `${sentence} Sluice has asked Argo CD to sync.`)
      : judged(look, "blocked", syncRefusal);
  return judged(look, state, `${sentence} Sluice asks Argo CD to sync.`, { act: "sync" });
}

/** Automated, but its last try failed and a person asked to try again: Argo CD never retries a revision by itself. */
function wantsRetry(application: Application, look: RolloutLook): boolean {
  const { retriedAt } = look.promoted;
  if (retriedAt === null) return false;
  const gaveUp = application.conditions.find(({ type }) => type === "SyncError");
  const failedAt =
    application.operation?.phase === "Failed" || application.operation?.phase === "Error"
      ? application.operation.finishedAt
      : null;
  const times = [gaveUp?.since ?? null, failedAt].filter((time) => time !== null);
  return times.some((time) => time < retriedAt);
}

/** Our own sync of this promotion, where it was the last operation and ended well. */
function ownSync(application: Application, look: RolloutLook): OperationState | null {
  const { operation } = application;
  if (operation?.phase !== "Succeeded") return null;
  const { retriedAt, promotionId } = look.promoted;
  if (retriedAt !== null && operation.finishedAt !== null && operation.finishedAt < retriedAt)
    return null;
  const ours = operation.infos.some(
    ({ name, value }) => name === "sluice" && value === promotionId,
  );
  return ours ? operation : null;
}

/** The condition names the revision of this comparison, or none at all. */
function concerns(application: Application, message: string): boolean {
  const named = message.match(/\b[0-9a-f]{40}\b/g) ?? [];
  return named.length === 0 || named.some((sha) => application.sync.revisions.includes(sha));
}

function differing(application: Application): string {
  return application.resources
    .filter((resource) => resource.status === "OutOfSync" && !resource.requiresPruning)
    .map((resource) => resource.name)
    .join(", ");
}
