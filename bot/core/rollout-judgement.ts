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
    failure?: "sync";
    stuck?: true | undefined;
  } = {},
): Judged {
  const detail = more.detail?.trim() ?? "";
  return {
    kind: "judged",
    state,
    sentence,
    detail: detail === "" ? null : cut(detail),
    act: more.act ?? null,
    confirm: more.confirm ?? false,
    memory: { ...spent(look.memory), ...more.memory },
    ...(more.failure === undefined ? {} : { failure: more.failure }),
    ...(more.stuck === undefined ? {} : { stuck: more.stuck }),
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
    podTrouble: _trouble,
    ...kept
  } = memory;
  return kept;
}

/** What was asked of Argo CD is not asked again at once. */
export function rememberAct(memory: RolloutMemory, act: RolloutAct, at: Date): RolloutMemory {
  const now = at.getTime();
  switch (act) {
    case "refresh":
      return { ...memory, refreshedAt: now, refreshes: (memory.refreshes ?? 0) + 1 };
    case "refresh-hard":
      return { ...memory, refreshedAt: now, hardRefreshedAt: now };
    case "freshen":
      return { ...memory, freshenedAt: now };
    case "sync":
      return { ...memory, syncedAt: now };
  }
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= detailLimit
    ? text
    : `${characters.slice(0, detailLimit - 1).join("")}…`;
}
