import { describe, expect, it } from "vitest";

import type { TargetRollout } from "#core/rollout-types.ts";
import {
  deadlineOf,
  judgeStream,
  pauseBeforeNextLook,
  progressOf,
  rolloutId,
  timeOut,
  type RolloutAssignment,
  type TargetProgress,
} from "#core/stream-rollout.ts";

import { artifact, at, promotedCommit } from "./rollout-builders.ts";

const assignment: RolloutAssignment = {
  installation: 1,
  repository: "acme/platform",
  stream: { environment: "dev", service: "demo-api", ring: "all" },
  artifact,
  commit: promotedCommit,
  promotionId: "abcdefghijklmnop",
  targets: [],
  values: { tag: "image.tag", digest: null },
  startedAt: at(0).toISOString(),
  retriedAt: null,
  timeoutMs: 900_000,
  instance: "default",
  onFailure: "halt",
  source: null,
};

function targets(...states: readonly TargetRollout[]): readonly TargetProgress[] {
  return states.map((state, index) => ({
    tenant: `tenant-${index}`,
    application: `tenant-${index}-dev`,
    state,
    sentence: "So it is.",
    detail: null,
    since: at(0),
  }));
}

function judged(states: readonly TargetRollout[], seconds = 10, trouble: string | null = null) {
  const progress = progressOf(targets(...states), { trouble, deadline: at(900) });
  return judgeStream(assignment, progress, at(seconds));
}

describe("judgeStream", () => {
  it("says that it was the sync that failed", () => {
    const [target] = targets("failed");
    if (target === undefined) throw new Error("unreachable");
    const progress = progressOf([{ ...target, failure: "sync" }], {
      trouble: null,
      deadline: at(900),
    });
    expect(judgeStream(assignment, progress, at(10))).toMatchObject({ failure: "sync" });
    expect(judged(["failed"])).not.toHaveProperty("failure");
  });

  it.for<{ states: TargetRollout[]; seconds?: number; result: string | undefined }>([
    { states: ["healthy"], result: "verified" },
    { states: ["healthy", "healthy", "healthy"], result: "verified" },
    { states: ["healthy", "settling"], result: undefined },
    { states: ["healthy", "blocked"], result: undefined },
    { states: ["healthy", "failed", "progressing"], result: "failed" },
    { states: ["superseded", "healthy"], result: "superseded" },
    { states: ["superseded", "failed"], result: "failed" },
    { states: [], result: "failed" },
    { states: ["progressing", "healthy"], seconds: 900, result: "timed-out" },
    { states: ["paused"], seconds: 899, result: undefined },
    { states: ["paused"], seconds: 900, result: "timed-out" },
    { states: ["healthy"], seconds: 5_000, result: "verified" },
    // What only has to prove that it stays healthy gets the moment that this takes, and no more.
    { states: ["settling", "healthy"], seconds: 905, result: undefined },
    { states: ["settling", "progressing"], seconds: 905, result: "timed-out" },
    { states: ["settling"], seconds: 961, result: "timed-out" },
  ])("$states at $seconds s: $result", ({ states, seconds, result }) => {
    expect(judged(states, seconds)?.result).toBe(result);
  });

  it("speaks for every target, says who, and out of how many", () => {
    const verdict = judged(["healthy", "failed", "failed", "progressing"]);
    expect(verdict?.tenants).toEqual(["tenant-0", "tenant-1", "tenant-2", "tenant-3"]);
    expect(verdict?.sentence).toMatchInlineSnapshot(
      `"tenant-1 and 1 more of 4 targets failed. tenant-1: So it is."`,
    );
    expect(judged(["healthy", "healthy"])?.sentence).toMatchInlineSnapshot(
      `"sha-new is healthy in tenant-0, tenant-1."`,
    );
    expect(judged([])?.sentence).toMatchInlineSnapshot(
      `"There is no target in dev/all: add a values file, or correct the pattern in the policy."`,
    );
  });

  it("names what kept it from knowing when time is up", () => {
    const verdict = judged(["waiting"], 901, "Argo CD instance default cannot be reached.");
    expect(verdict?.sentence).toMatchInlineSnapshot(
      `"tenant-0 of 1 target did not become healthy within 15 minutes. tenant-0: So it is. Argo CD instance default cannot be reached. Sluice goes on looking, and corrects this by itself."`,
    );
    expect(verdict?.uncertain).toBe(true);
    expect(judged(["waiting"], 901)?.uncertain).toBe(undefined);
    expect(judged(["healthy", "failed"], 901, "No answer.")?.uncertain).toBe(undefined);
  });
});

describe("a ring that bears failures", () => {
  function borne(states: readonly TargetRollout[], maxFailures: number, seconds = 10) {
    const progress = progressOf(targets(...states), { trouble: null, deadline: at(900) });
    return judgeStream({ ...assignment, maxFailures }, progress, at(seconds));
  }

  it.for<{ states: TargetRollout[]; bears: number; seconds?: number; result?: string }>([
    { states: ["healthy", "failed", "healthy"], bears: 1, result: "verified" },
    { states: ["healthy", "failed", "failed"], bears: 1, result: "failed" },
    { states: ["healthy", "failed", "progressing"], bears: 1 },
    { states: ["healthy", "failed", "progressing"], bears: 2 },
    { states: ["healthy", "failed", "progressing"], bears: 2, seconds: 900, result: "verified" },
    { states: ["healthy", "failed", "progressing"], bears: 1, seconds: 900, result: "timed-out" },
    // Where nobody is well, nothing is verified.
    { states: ["failed"], bears: 5, result: "failed" },
    { states: ["failed", "failed"], bears: 5, result: "failed" },
    { states: ["failed", "progressing"], bears: 5, seconds: 900, result: "timed-out" },
  ])("$states, $bears borne, at $seconds s: $result", ({ states, bears, seconds, result }) => {
    expect(borne(states, bears, seconds)?.result).toBe(result);
  });

  it("names whom it bears", () => {
    const verdict = borne(["healthy", "failed", "healthy", "progressing"], 2, 900);
    expect(verdict?.failures).toEqual(["tenant-1", "tenant-3"]);
    expect(verdict?.sentence).toMatchInlineSnapshot(
      `"sha-new is healthy in tenant-0, tenant-2; tenant-1, tenant-3 failed, and the ring bears 2 (maxFailures)."`,
    );
    expect(borne(["healthy"], 2)?.failures).toBeUndefined();
  });

  it("bears nothing that is not known", () => {
    const states = targets("healthy", "waiting");
    const progress = progressOf(states, { trouble: "No answer.", deadline: at(900) });
    const verdict = judgeStream({ ...assignment, maxFailures: 1 }, progress, at(900));
    expect(verdict).toMatchObject({ result: "timed-out", uncertain: true });
  });
});

describe("progress", () => {
  it("counts every target once", () => {
    const all = targets(
      "healthy",
      "failed",
      "timed-out",
      "blocked",
      "paused",
      "superseded",
      "syncing",
    );
    const { counts } = progressOf(all, { trouble: null, deadline: at(0) });
    expect(counts).toEqual({ total: 7, healthy: 1, failed: 2, blocked: 3, underWay: 1 });
  });

  it("is timed out where it was open", () => {
    const progress = progressOf(targets("healthy", "syncing"), { trouble: null, deadline: at(0) });
    expect(timeOut(progress).targets.map(({ state }) => state)).toEqual(["healthy", "timed-out"]);
    expect(timeOut(progress).counts.failed).toBe(1);
  });
});

describe("deadlineOf", () => {
  it.for([
    { name: "from the start", change: {}, first: 1, deadline: 900 },
    {
      name: "from a retry",
      change: { retriedAt: at(600).toISOString() },
      first: 601,
      deadline: 1500,
    },
    {
      name: "found long after: a minute from the first look",
      change: {},
      first: 5_000,
      deadline: 5_060,
    },
    { name: "a start that is no time", change: { startedAt: "soon" }, first: 10, deadline: 910 },
  ])("$name", ({ change, first, deadline }) => {
    expect(deadlineOf({ ...assignment, ...change }, at(first))).toEqual(at(deadline));
  });
});

describe("pauseBeforeNextLook", () => {
  it("is never longer than ten seconds, and longer for a crowd", () => {
    for (const elapsed of [0, 59_000, 61_000, 200_000, 700_000, 10_000_000])
      for (const count of [1, 1000])
        for (const trouble of [null, "down"]) {
          const states = Array.from({ length: count }, () => "progressing" as const);
          const progress = progressOf(targets(...states), { trouble, deadline: at(0) });
          const pause = pauseBeforeNextLook(progress, elapsed);
          expect(pause).toBeLessThanOrEqual(10_000);
          expect(pause).toBeGreaterThanOrEqual(count > 200 ? 3_000 : 1_000);
        }
  });
});

describe("rolloutId", () => {
  it("differs by artifact, commit, attempt and targets, and by nothing else", () => {
    const id = rolloutId(assignment);
    expect(rolloutId({ ...assignment, timeoutMs: 1, startedAt: at(9).toISOString() })).toBe(id);
    expect(rolloutId({ ...assignment, commit: "e".repeat(40) })).not.toBe(id);
    expect(rolloutId({ ...assignment, retriedAt: at(1).toISOString() })).not.toBe(id);
    expect(rolloutId({ ...assignment, artifact: { ...artifact, tag: "x" } })).not.toBe(id);
    const target = { ...assignment.stream, tenant: "a", file: "a.yaml", application: "a-dev" };
    expect(rolloutId({ ...assignment, targets: [target] })).not.toBe(id);
  });
});
