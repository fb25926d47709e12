import { describe, expect, it } from "vitest";

import type { TreeNode } from "#core/rollout-images.ts";

import { anApplication, at, judge, judgeNow, newImage, oldImage } from "./rollout-builders.ts";

const health = (
  status: "Degraded" | "Progressing" | "Suspended" | "Missing" | "Unknown" | "Healthy",
  since = -600,
) => ({
  status,
  message: "",
  since: at(since),
});
const ms = (seconds: number) => at(seconds).getTime();

describe("health", () => {
  it.for([
    { status: "Progressing" as const, state: "progressing" },
    { status: "Missing" as const, state: "progressing" },
    { status: "Unknown" as const, state: "progressing" },
    { status: "Suspended" as const, state: "paused" },
    { status: "Degraded" as const, state: "degraded" },
    { status: "Healthy" as const, state: "settling" },
  ])("$status: $state", ({ status, state }) => {
    expect(judgeNow(anApplication({ health: health(status) })).state).toBe(state);
  });

  it("fails after 30 seconds of Degraded, seen in two looks", () => {
    const app = anApplication({ health: health("Degraded") });
    const first = judgeNow(app);
    expect(first).toMatchObject({ state: "degraded", confirm: true });
    expect(judgeNow(app, { memory: first.memory, now: at(29) })).toMatchObject({
      state: "degraded",
      confirm: false,
    });
    expect(judgeNow(app, { memory: first.memory, now: at(30) })).toMatchObject({
      state: "failed",
      confirm: true,
    });
  });

  it("begins anew when it healed in between", () => {
    const first = judgeNow(anApplication({ health: health("Degraded") }));
    const again = anApplication({ health: health("Degraded", 20) });
    expect(judgeNow(again, { memory: first.memory, now: at(31) }).state).toBe("degraded");
    const healed = judgeNow(anApplication(), { memory: first.memory, now: at(10) });
    expect(healed.memory.degradedSince).toBeUndefined();
  });

  it("names the resources that are unwell", () => {
    const resources = [
      {
        name: "Deployment/a",
        status: "Synced" as const,
        requiresPruning: false,
        health: "Degraded" as const,
        message: "exceeded its progress deadline",
      },
    ];
    const judged = judgeNow(anApplication({ health: health("Degraded"), resources }));
    expect(judged.detail).toBe("Deployment/a is Degraded: exceeded its progress deadline");
  });

  it("looks once at the pods of one that progresses for long, and goes on saying what they said", () => {
    const app = anApplication({ health: health("Progressing") });
    const memory = { progressingSince: ms(-20) };
    expect(judge(app, { memory })).toEqual({ kind: "question", question: { kind: "pods" } });
    const pods = [pod({ reason: "ImagePullBackOff", health: "Degraded", message: "not found" })];
    const judged = judgeNow(app, { memory, answers: { pods } });
    expect(judged).toMatchObject({
      state: "progressing",
      stuck: true,
      sentence: "New pods do not start.",
      detail: "pod p: ImagePullBackOff, not found",
    });
    const later = judgeNow(app, { memory: judged.memory, now: at(100) });
    expect(later).toMatchObject({ state: "progressing", stuck: true, detail: judged.detail });
    const healed = judgeNow(anApplication(), { memory: later.memory, now: at(101) });
    expect(healed.memory.podTrouble).toBeUndefined();
  });

  it("says nothing of pods that only take long", () => {
    const app = anApplication({ health: health("Progressing") });
    const memory = { progressingSince: ms(-20) };
    const judged = judgeNow(app, { memory, answers: { pods: [pod({ health: "Progressing" })] } });
    expect(judged).toMatchObject({ sentence: "New pods are starting.", detail: null });
    expect(judged.stuck).toBeUndefined();
  });

  it("asks the pods why it is Degraded, and the verdict says so", () => {
    const app = anApplication({ health: { ...health("Degraded"), message: "out of time" } });
    const pods = [pod({ reason: "CrashLoopBackOff", health: "Degraded" })];
    expect(judge(app, {})).toEqual({ kind: "question", question: { kind: "pods" } });
    const first = judgeNow(app, { answers: { pods } });
    expect(first.detail).toBe("out of time\npod p: CrashLoopBackOff");
    expect(judgeNow(app, { memory: first.memory, now: at(30) })).toMatchObject({
      state: "failed",
      detail: first.detail,
    });
  });
});

describe("the moment in which all has to stay well", () => {
  it("takes two looks, five seconds apart", () => {
    const first = judgeNow(anApplication());
    expect(first).toMatchObject({ state: "settling", confirm: true });
    const { memory } = first;
    expect(judgeNow(anApplication(), { memory, now: at(4.9) })).toMatchObject({
      state: "settling",
      confirm: false,
    });
    expect(judgeNow(anApplication(), { memory, now: at(5) })).toMatchObject({
      state: "healthy",
      confirm: true,
    });
  });

  it("begins anew when the health changed in between", () => {
    const { memory } = judgeNow(anApplication());
    const flapped = anApplication({ health: health("Healthy", 3) });
    expect(judgeNow(flapped, { memory, now: at(6) }).state).toBe("settling");
  });

  it("is not confused by a clock of Argo CD that is ahead", () => {
    const app = anApplication({ health: health("Healthy", 120) });
    const { memory } = judgeNow(app);
    expect(judgeNow(app, { memory, now: at(6) }).state).toBe("healthy");
  });
});

describe("images", () => {
  const settled = { settledSince: ms(-6) };

  it("waits while old pods still run, and asks the tree when they stay", () => {
    const app = anApplication({ images: [oldImage, newImage] });
    const first = judgeNow(app, { memory: settled });
    expect(first).toMatchObject({ state: "ambiguous", detail: oldImage });
    expect(first.memory.settledSince).toBeUndefined();
    expect(judge(app, { memory: first.memory, now: at(5) })).toEqual({
      kind: "question",
      question: { kind: "tree" },
    });
  });

  it("passes over the pods of jobs and finished ones, and asks the tree once for the same images", () => {
    const app = anApplication({ images: [oldImage, newImage] });
    const tree = [
      pod({ uid: "1", images: [newImage] }),
      pod({ uid: "2", images: [oldImage], parents: ["job"] }),
      node({ uid: "job", kind: "Job", parents: ["cron"] }),
      node({ uid: "cron", kind: "CronJob" }),
      pod({ uid: "3", images: [oldImage], reason: "Completed" }),
    ];
    const memory = { mixedSince: ms(-5) };
    const judged = judgeNow(app, { memory, answers: { tree } });
    expect(judged.state).toBe("settling");
    expect(judgeNow(app, { memory: judged.memory, now: at(5) }).state).toBe("healthy");
  });

  it("stays ambiguous while an old pod serves, and asks again only after a while", () => {
    const app = anApplication({ images: [oldImage, newImage] });
    const tree = [pod({ uid: "1", images: [newImage] }), pod({ uid: "2", images: [oldImage] })];
    const judged = judgeNow(app, { memory: { mixedSince: ms(-5) }, answers: { tree } });
    expect(judged.state).toBe("ambiguous");
    expect(judgeNow(app, { memory: judged.memory, now: at(29) }).state).toBe("ambiguous");
    expect(judge(app, { memory: judged.memory, now: at(30) }).kind).toBe("question");
  });

  it.for([
    { name: "CronJob or scaled to zero", images: [] },
    { name: "only pods of other images", images: ["docker.io/library/redis:7"] },
  ])("asks the live manifests: $name", ({ images }) => {
    const app = anApplication({ images });
    expect(judge(app)).toEqual({ kind: "question", question: { kind: "manifests" } });
    const judged = judgeNow(app, { answers: { manifests: [newImage, "redis:7"] } });
    expect(judged.state).toBe("settling");
    expect(judgeNow(app, { memory: judged.memory, now: at(5) }).state).toBe("healthy");
  });

  it("fails when in sync and healthy for a minute without the image", () => {
    const app = anApplication({ images: [oldImage] });
    const first = judgeNow(app);
    expect(first).toMatchObject({ state: "mismatch", detail: oldImage });
    expect(judgeNow(app, { memory: first.memory, now: at(59) }).state).toBe("mismatch");
    const last = judgeNow(app, { memory: first.memory, now: at(60) });
    expect(last).toMatchObject({ state: "failed", confirm: true });
    expect(last.sentence).toMatchInlineSnapshot(
      `"Its pods run another image than ghcr.io/acme/demo-api:sha-new, although the application is in sync and healthy. Does its chart read the value that the policy names?"`,
    );
  });

  it("fails when no workload has it at all", () => {
    const app = anApplication({ images: [] });
    const first = judgeNow(app, { answers: { manifests: [] } });
    expect(first.state).toBe("mismatch");
    const last = judgeNow(app, { memory: first.memory, now: at(60), answers: { manifests: [] } });
    expect(last.state).toBe("failed");
    expect(last.sentence).toContain("Nothing of it has the image");
  });
});

function node(change: Partial<TreeNode>): TreeNode {
  return {
    uid: "u",
    kind: "ReplicaSet",
    name: "n",
    parents: [],
    images: [],
    reason: "",
    health: "",
    message: "",
    ...change,
  };
}

function pod(change: Partial<TreeNode>): TreeNode {
  return node({ kind: "Pod", name: "p", reason: "Running", ...change });
}
