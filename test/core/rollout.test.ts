import { describe, expect, it } from "vitest";

import type { Application } from "#core/application.ts";

import {
  anApplication,
  anOperation,
  at,
  earlierCommit,
  judge,
  judgeNow,
  laterCommit,
  oldImage,
  promotedCommit,
  strangeCommit,
  type LookChange,
} from "./rollout-builders.ts";

type Row = {
  readonly name: string;
  readonly app: Partial<Application>;
  readonly look?: LookChange;
  readonly state: string;
  readonly act?: string | null;
};

const settled = { memory: { settledSince: at(-6).getTime() } };
const synced = (revision: string) => ({ status: "Synced" as const, revisions: [revision] });
const error = (type: string) => [{ type, message: "boom", since: at(-1) }];

const rows: readonly Row[] = [
  // Premature Healthy: everything is green, on what was there before.
  {
    name: "healthy and in sync at a commit before the promotion",
    app: { sync: synced(earlierCommit), images: [oldImage] },
    look: settled,
    state: "waiting",
    act: "refresh",
  },
  {
    name: "an automated sync has been set, the old status still shows",
    app: {
      sync: synced(earlierCommit),
      requested: { revisions: [promotedCommit], infos: [], startedBy: "" },
    },
    look: settled,
    state: "syncing",
    act: null,
  },
  {
    name: "the operation has succeeded, the comparison after it is not there yet",
    app: { operation: anOperation({ finishedAt: at(-3) }), reconciledAt: at(-8) },
    look: settled,
    state: "stale",
    act: "freshen",
  },
  // Which revision counts.
  { name: "at the promoted commit", app: {}, look: settled, state: "healthy" },
  {
    name: "at a later commit that contains it",
    app: { sync: synced(laterCommit) },
    look: settled,
    state: "healthy",
  },
  {
    name: "a later commit has put something else there: Argo CD looks once more",
    app: { sync: synced(laterCommit) },
    look: {
      ...settled,
      revisions: {
        [laterCommit]: { contains: "yes", holds: "no", sentence: "Something else is there." },
      },
    },
    state: "waiting",
    act: "refresh",
  },
  {
    name: "a later commit has put something else there, as Argo CD has seen",
    app: { sync: synced(laterCommit) },
    look: {
      memory: { ...settled.memory, refreshedAt: at(-1).getTime() },
      revisions: {
        [laterCommit]: { contains: "yes", holds: "no", sentence: "Something else is there." },
      },
    },
    state: "superseded",
  },
  {
    name: "the values cannot be read there",
    app: { sync: synced(laterCommit) },
    look: {
      ...settled,
      revisions: { [laterCommit]: { contains: "yes", holds: "unreadable", sentence: "Broken." } },
    },
    state: "blocked",
  },
  {
    name: "the branch was rewritten",
    app: { sync: synced(strangeCommit) },
    look: settled,
    state: "blocked",
  },
  {
    name: "a symbolic revision says that nothing could be loaded",
    app: { sync: synced("main") },
    look: settled,
    state: "waiting",
    act: "refresh",
  },
  {
    name: "never compared",
    app: { sync: { status: "Unknown", revisions: [] }, reconciledAt: null },
    state: "waiting",
    act: "refresh",
  },
  // Conditions and what makes them final.
  {
    name: "a comparison error at first",
    app: { conditions: error("ComparisonError") },
    state: "blocked",
    act: "refresh",
  },
  {
    name: "a comparison error that a refresh has not healed",
    app: { conditions: error("ComparisonError") },
    look: { memory: { blockedSince: at(-61).getTime(), refreshedAt: at(-61).getTime() } },
    state: "blocked",
    act: "refresh-hard",
  },
  {
    name: "an invalid specification within the grace",
    app: { conditions: error("InvalidSpecError") },
    look: {
      memory: {
        blockedSince: at(-299).getTime(),
        refreshedAt: at(-299).getTime(),
        hardRefreshedAt: at(-200).getTime(),
      },
    },
    state: "blocked",
    act: null,
  },
  {
    name: "an unknown error after the grace",
    app: { conditions: error("UnknownError") },
    look: {
      memory: {
        blockedSince: at(-300).getTime(),
        refreshedAt: at(-300).getTime(),
        hardRefreshedAt: at(-200).getTime(),
      },
    },
    state: "failed",
  },
  {
    name: "a warning is no error",
    app: { conditions: error("OrphanedResourceWarning") },
    look: settled,
    state: "healthy",
  },
  { name: "being deleted", app: { deleting: true }, look: settled, state: "blocked", act: null },
  {
    name: "being deleted for long",
    app: { deleting: true },
    look: { memory: { blockedSince: at(-301).getTime() } },
    state: "failed",
  },
  {
    name: "no source reads the repository",
    app: { sources: [{ url: "https://github.com/acme/other", ref: null, valueFiles: [] }] },
    state: "blocked",
  },
  // Operations.
  {
    name: "an operation runs",
    app: { operation: anOperation({ phase: "Running", finishedAt: null }) },
    look: settled,
    state: "syncing",
    act: null,
  },
  {
    name: "parked for its next try: Running with an end",
    app: {
      operation: anOperation({ phase: "Running", retries: 2, message: "Retrying attempt #3" }),
    },
    look: settled,
    state: "syncing",
    act: null,
  },
  {
    name: "being terminated",
    app: { operation: anOperation({ phase: "Terminating", finishedAt: null }) },
    look: settled,
    state: "syncing",
  },
  // In sync, or nearly.
  {
    name: "out of sync, automated",
    app: { sync: { status: "OutOfSync", revisions: [promotedCommit] } },
    state: "out-of-sync",
    act: null,
  },
  {
    name: "only resources to prune are left",
    app: {
      sync: { status: "OutOfSync", revisions: [promotedCommit] },
      resources: [
        {
          name: "ConfigMap/old",
          status: "OutOfSync",
          requiresPruning: true,
          health: null,
          message: "",
        },
      ],
    },
    look: settled,
    state: "healthy",
  },
  {
    name: "one to prune, one that differs",
    app: {
      sync: { status: "OutOfSync", revisions: [promotedCommit] },
      resources: [
        {
          name: "ConfigMap/old",
          status: "OutOfSync",
          requiresPruning: true,
          health: null,
          message: "",
        },
        {
          name: "Deployment/a",
          status: "OutOfSync",
          requiresPruning: false,
          health: null,
          message: "",
        },
      ],
    },
    look: settled,
    state: "out-of-sync",
  },
  {
    name: "out of sync without a single resource named",
    app: { sync: { status: "OutOfSync", revisions: [promotedCommit] }, resources: [] },
    look: settled,
    state: "out-of-sync",
  },
  {
    name: "unknown whether in sync",
    app: { sync: { status: "Unknown", revisions: [promotedCommit] } },
    look: settled,
    state: "out-of-sync",
    act: null,
  },
];

describe("judgeApplication", () => {
  it.for(rows)("$name: $state", ({ app, look, state, act }) => {
    const judged = judgeNow(anApplication(app), look);
    expect(judged.state).toBe(state);
    if (act !== undefined) expect(judged.act).toBe(act);
    expect(judged.sentence).not.toBe("");
  });

  it("asks about a revision that it does not know", () => {
    const unknown = "e".repeat(40);
    expect(judge(anApplication({ sync: synced(unknown) }))).toEqual({
      kind: "question",
      question: { kind: "revision", revision: unknown },
    });
  });

  it("keeps Argo CD's words apart from its own, and short", () => {
    const message = "<b>x</b>".repeat(200);
    const judged = judgeNow(
      anApplication({ conditions: [{ type: "ComparisonError", message, since: null }] }),
    );
    expect(judged.sentence).not.toContain("<b>");
    expect(judged.detail?.length).toBe(600);
  });

  it("forgets since when it was blocked, once it no longer is", () => {
    const { memory } = judgeNow(anApplication(), { memory: { blockedSince: 1, refreshedAt: 2 } });
    expect(memory.blockedSince).toBeUndefined();
    expect(memory.refreshedAt).toBe(2);
  });
});
