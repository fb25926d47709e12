import { describe, expect, it } from "vitest";

import {
  anApplication,
  anOperation,
  at,
  earlierCommit,
  judge,
  judgeNow,
  promotedCommit,
} from "./rollout-builders.ts";

const ours = [{ name: "sluice", value: "abcdefghijklmnop" }];

describe("an operation that failed", () => {
  it.for([
    { name: "at the promoted commit", change: {}, state: "failed" },
    {
      name: "ours, whatever its revision",
      change: { revisions: [earlierCommit], infos: ours },
      state: "failed",
    },
    { name: "Error", change: { phase: "Error" as const }, state: "failed" },
    { name: "at a commit before ours", change: { revisions: [earlierCommit] }, state: "settling" },
    { name: "no revision, begun after the merge", change: { revisions: [] }, state: "failed" },
    {
      name: "no revision, begun before the merge",
      change: { revisions: [], startedAt: at(-70) },
      state: "settling",
    },
    {
      name: "of another promotion, before ours",
      change: { revisions: [earlierCommit], infos: [{ name: "sluice", value: "other" }] },
      state: "settling",
    },
  ])("$name: $state", ({ change, state }) => {
    const operation = anOperation({ phase: "Failed", ...change });
    expect(judgeNow(anApplication({ operation })).state).toBe(state);
  });

  it("asks about its revision where that is not known", () => {
    const revision = "e".repeat(40);
    const operation = anOperation({ phase: "Failed", revisions: [revision] });
    expect(judge(anApplication({ operation }))).toEqual({
      kind: "question",
      question: { kind: "revision", revision },
    });
  });

  it("names what went wrong in Argo CD's words, and how often it was tried", () => {
    const operation = anOperation({
      phase: "Failed",
      retries: 4,
      message: "one or more objects failed to apply",
      failures: [{ resource: "Deployment/demo-api", message: "quota exceeded" }],
    });
    const judged = judgeNow(anApplication({ operation }));
    expect(judged.failure).toBe("sync");
    expect(judged.sentence).toMatchInlineSnapshot(`"The sync failed after 5 tries."`);
    expect(judged.detail).toMatchInlineSnapshot(`
      "one or more objects failed to apply
      Deployment/demo-api: quota exceeded"
    `);
  });

  it("does not count once a person asked to try again, and is synced again, automated or not", () => {
    const operation = anOperation({ phase: "Failed", finishedAt: at(-20) });
    for (const automated of [true, false]) {
      const app = anApplication({ automated, operation });
      const judged = judgeNow(app, { promoted: { retriedAt: at(-5) } });
      expect(judged).toMatchObject({ state: "waiting", act: "sync" });
    }
  });

  it("counts when it failed after that", () => {
    const operation = anOperation({ phase: "Failed", finishedAt: at(-2) });
    const judged = judgeNow(anApplication({ operation }), { promoted: { retriedAt: at(-5) } });
    expect(judged.state).toBe("failed");
  });
});

describe("freshness", () => {
  const cases = [
    { name: "compared a second later", finished: -10, reconciled: -9, stale: false },
    { name: "compared within the same second", finished: -10, reconciled: -10, stale: true },
    { name: "compared before", finished: -10, reconciled: -11, stale: true },
  ];
  it.for(cases)("$name: stale $stale", ({ finished, reconciled, stale }) => {
    const app = anApplication({
      operation: anOperation({ finishedAt: at(finished) }),
      reconciledAt: at(reconciled),
    });
    expect(judgeNow(app).state === "stale").toBe(stale);
  });

  it("is not asked for where no operation ran", () => {
    expect(judgeNow(anApplication({ operation: null, reconciledAt: at(-9000) })).state).toBe(
      "settling",
    );
  });

  it("is asked for once the second is over, once, and again after a while", () => {
    const finishedAt = at(-1);
    const app = anApplication({ operation: anOperation({ finishedAt }), reconciledAt: finishedAt });
    expect(judgeNow(app, { now: at(0) }).act).toBeNull();
    expect(judgeNow(app, { now: at(0.2) }).act).toBe("freshen");
    const memory = { freshenedAt: at(0.2).getTime() };
    expect(judgeNow(app, { now: at(5), memory }).act).toBeNull();
    expect(judgeNow(app, { now: at(10.3), memory }).act).toBe("freshen");
  });

  it("is asked for at once where Argo CD's clock is ahead", () => {
    const finishedAt = at(30);
    const app = anApplication({ operation: anOperation({ finishedAt }), reconciledAt: finishedAt });
    expect(judgeNow(app).act).toBe("freshen");
  });

  it("is not asked for while pods are starting: that is told apart without it", () => {
    const health = { status: "Progressing" as const, message: "", since: at(-1) };
    const app = anApplication({ operation: anOperation(), reconciledAt: at(-10), health });
    expect(judgeNow(app)).toMatchObject({ state: "progressing", act: null });
  });

  it("is not asked of an application that the controller ignores", () => {
    const operation = anOperation({ revisions: [promotedCommit] });
    const app = anApplication({ ignored: true, operation, reconciledAt: at(-11) });
    expect(judgeNow(app)).toMatchObject({ state: "stale", act: null });
  });
});
