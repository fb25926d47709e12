import { describe, expect, it } from "vitest";

import { rememberAct } from "#core/rollout-judgement.ts";

import {
  anApplication,
  anOperation,
  at,
  earlierCommit,
  judge,
  judgeNow,
  laterCommit,
  promotedCommit,
} from "./rollout-builders.ts";

const before = { status: "Synced" as const, revisions: [earlierCommit] };
const outOfSync = { status: "OutOfSync" as const, revisions: [promotedCommit] };
const ours = [{ name: "sluice", value: "abcdefghijklmnop" }];

describe("an automated application", () => {
  it("is refreshed once, then again after longer and longer waits", () => {
    const app = anApplication({ sync: before });
    let memory = {};
    const asked: number[] = [];
    for (let second = 0; second < 900; second += 1) {
      const judged = judgeNow(app, { memory, now: at(second) });
      memory = judged.memory;
      if (judged.act === null) continue;
      expect(judged.act).toBe("refresh");
      asked.push(second);
      memory = rememberAct(memory, judged.act, at(second));
    }
    expect(asked).toEqual([0, 60, 180, 420]);
  });

  it("is never synced", () => {
    for (const sync of [before, outOfSync])
      expect(judgeNow(anApplication({ sync })).act).not.toBe("sync");
  });

  it("has failed when Argo CD gave up on this revision", () => {
    const message = `Failed last sync attempt to ${promotedCommit}: quota exceeded`;
    const conditions = [{ type: "SyncError", message, since: at(-3) }];
    const judged = judgeNow(anApplication({ sync: outOfSync, conditions }));
    expect(judged).toMatchObject({ state: "failed", detail: message });
  });

  it("has not failed when Argo CD gave up on another", () => {
    const message = `Failed last sync attempt to ${earlierCommit}: quota exceeded`;
    const conditions = [{ type: "SyncError", message, since: at(-3) }];
    expect(judgeNow(anApplication({ sync: outOfSync, conditions })).state).toBe("out-of-sync");
  });

  it("is synced when a person asks to try again what Argo CD gave up", () => {
    const conditions = [{ type: "SyncError", message: "gave up", since: at(-30) }];
    const app = anApplication({ sync: outOfSync, conditions });
    expect(judgeNow(app, { promoted: { retriedAt: at(-5) } }).act).toBe("sync");
  });

  it("asks about sync windows when it is not synced within a while", () => {
    const app = anApplication({ sync: outOfSync });
    expect(judgeNow(app).memory.outOfSyncSince).toBe(at(0).getTime());
    const memory = { outOfSyncSince: at(-15).getTime() };
    expect(judge(app, { memory })).toEqual({ kind: "question", question: { kind: "window" } });
    const closed = judgeNow(app, { memory, answers: { window: "closed" } });
    expect(closed).toMatchObject({ state: "blocked", act: null });
    expect(judgeNow(app, { memory: closed.memory, now: at(30) }).state).toBe("blocked");
    expect(judge(app, { memory: closed.memory, now: at(61) }).kind).toBe("question");
    expect(judgeNow(app, { memory, answers: { window: "open" } }).state).toBe("out-of-sync");
  });

  it("says that the controller is told to ignore it, and does not refresh: that would hang", () => {
    const judged = judgeNow(anApplication({ ignored: true, sync: before }));
    expect(judged).toMatchObject({ state: "blocked", act: null });
    expect(judged.sentence).toContain("argocd.argoproj.io/skip-reconcile");
  });
});

describe("a manual application", () => {
  const manual = (change = {}) => anApplication({ automated: false, sync: before, ...change });

  it("is synced when it stands before the commit", () => {
    expect(judgeNow(manual()).act).toBe("sync");
  });

  it("is synced when Git and the cluster differ", () => {
    expect(judgeNow(manual({ sync: outOfSync })).act).toBe("sync");
  });

  it("is not synced while an operation runs, whoever started it", () => {
    const operation = anOperation({ phase: "Running", finishedAt: null, startedBy: "someone" });
    expect(judgeNow(manual({ operation }))).toMatchObject({ state: "syncing", act: null });
    const requested = { revisions: [], infos: [], startedBy: "someone" };
    expect(judgeNow(manual({ requested }))).toMatchObject({ state: "syncing", act: null });
  });

  it("is not synced twice while the outcome of the first is not to be seen", () => {
    const memory = { syncedAt: at(-29).getTime() };
    expect(judgeNow(manual(), { memory }).act).toBeNull();
    expect(judgeNow(manual(), { memory, now: at(2) }).act).toBe("sync");
  });

  it("shows why Argo CD refused until it is asked again", () => {
    const memory = { syncedAt: at(-10).getTime(), syncRefusal: "A sync window forbids it." };
    expect(judgeNow(manual(), { memory })).toMatchObject({
      state: "blocked",
      sentence: "A sync window forbids it.",
    });
  });

  it("is looked at again, not synced, right after a sync: also with an empty memory", () => {
    const operation = anOperation({ infos: ours, finishedAt: at(-2) });
    const app = manual({ operation, reconciledAt: at(-8) });
    expect(judgeNow(app)).toMatchObject({ state: "stale", act: "freshen" });
  });

  it("is synced when the operation that was adopted did not bring the commit", () => {
    const operation = anOperation({ revisions: [earlierCommit], startedBy: "someone" });
    expect(judgeNow(manual({ operation })).act).toBe("sync");
  });

  it("is not synced again where our sync of this very revision left a difference", () => {
    const operation = anOperation({ infos: ours });
    const resources = [
      {
        name: "Deployment/a",
        status: "OutOfSync" as const,
        requiresPruning: false,
        health: null,
        message: "",
      },
    ];
    const judged = judgeNow(manual({ sync: outOfSync, operation, resources }), { now: at(900) });
    expect(judged).toMatchObject({ state: "out-of-sync", act: null, detail: "Deployment/a" });
  });

  it("is synced again where Git has moved on since", () => {
    const operation = anOperation({ infos: ours });
    const sync = { status: "OutOfSync" as const, revisions: [laterCommit] };
    expect(judgeNow(manual({ sync, operation }), { now: at(60) }).act).toBe("sync");
  });
});

describe("an application of an ApplicationSet", () => {
  const owned = anApplication({ automated: false, owner: "tenants", sync: before });

  it("asks how its set syncs before it is synced", () => {
    expect(judge(owned)).toEqual({
      kind: "question",
      question: { kind: "owner", owner: "tenants" },
    });
  });

  it.for([
    { owner: "progressive" as const, state: "waiting", act: null },
    { owner: "unknown" as const, state: "blocked", act: null },
    { owner: "free" as const, state: "waiting", act: "sync" },
  ])("$owner: $state, $act", ({ owner, state, act }) => {
    expect(judgeNow(owned, { answers: { owner } })).toMatchObject({ state, act });
  });

  it("is only refreshed where it syncs automatically", () => {
    expect(judgeNow({ ...owned, automated: true }).act).toBe("refresh");
  });
});
