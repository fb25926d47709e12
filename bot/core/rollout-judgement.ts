import type {
  Judged,
  RolloutAct,
  RolloutLook,
  RolloutMemory,
  TargetRollout,
} from "./rollout-types.ts";

/** Longest piece of Argo CD's own words that is kept, in characters. */
const detailLimit = 600;

/**
 * Puts a judgement together. What was asked and spent is always remembered; since when a state lasts only while it
 * lasts, so each state hands in its own.
 */
export function judged(
  look: RolloutLook,
  state: TargetRollout,
  sentence: string,
  more: {
    detail?: string | null;
    act?: RolloutAct | null;
    confirm?: boolean;
    memory?: RolloutMemory;
  } = {},
): Judged {
  const act = more.act ?? null;
  const detail = more.detail?.trim() ?? "";
  return {
    kind: "judged",
    state,
    sentence,
    detail: detail === "" ? null : cut(detail),
    act,
    confirm: more.confirm ?? false,
    memory: { ...spent(look.memory), ...more.memory, ...actMemory(look, act) },
  };
}

/** First characters of a SHA, as Git shows it. */
export function short(revision: string): string {
  return revision.slice(0, 7);
}

function spent(memory: RolloutMemory): RolloutMemory {
  const {
    blockedSince: _blocked,
    progressingSince: _progressing,
    degradedSince: _degraded,
    mixedSince: _mixed,
    mismatchSince: _mismatch,
    settledSince: _settled,
    outOfSyncSince: _outOfSync,
    ...kept
  } = memory;
  return kept;
}

function actMemory(look: RolloutLook, act: RolloutAct | null): RolloutMemory {
  const now = look.now.getTime();
  switch (act) {
    case null:
      return {};
    case "refresh":
      return { refreshedAt: now, refreshes: (look.memory.refreshes ?? 0) + 1 };
    case "refresh-hard":
      return { refreshedAt: now, hardRefreshedAt: now };
    case "sync":
      return { syncedAt: now };
  }
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= detailLimit
    ? text
    : `${characters.slice(0, detailLimit - 1).join("")}…`;
}
