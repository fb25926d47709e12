import { afterEach, describe, expect, it } from "vitest";

import type { RolloutState } from "#flow/rollout-state.ts";

import { values } from "../simulators/argocd/test-bench.ts";
import {
  startRolloutBench,
  stateKeyOf,
  tenantFile,
  type RolloutBench,
  type RolloutBenchOptions,
} from "./rollout-bench.ts";

let bench: RolloutBench;
afterEach(() => bench.close());

async function start(options: RolloutBenchOptions = {}): Promise<void> {
  bench = await startRolloutBench(options);
}

const app = "tenant-0-dev";

describe("an automated application", () => {
  it("is verified with one refresh, at most three reads, no sync and no tree", async () => {
    await start();
    const { commit } = await bench.promote("sha-0000002");
    const verdict = await bench.run();
    expect(verdict).toMatchObject({ result: "verified", commit, tenants: ["tenant-0"] });
    expect(bench.asked("sync")).toBe(0);
    expect(bench.asked("resource-tree")).toBe(0);
    expect(bench.asked("refresh") + bench.asked("get")).toBeLessThanOrEqual(4);
    expect(bench.simulator.admin.apps()[0]?.pods).toEqual(["ghcr.io/acme/demo-api:sha-0000002"]);
  });

  it("tells its states in an order that a person understands, and ends with the verdict", async () => {
    await start();
    await bench.promote("sha-0000002");
    await bench.run();
    const [last] = bench.settled;
    expect(bench.settled.length).toBe(1);
    expect(last?.progress.targets[0]).toMatchObject({
      tenant: "tenant-0",
      application: app,
      state: "healthy",
    });
    expect(bench.reports[0]?.counts).toMatchObject({ total: 1, healthy: 0, failed: 0 });
    for (const report of bench.reports) expect(report.targets[0]?.sentence).not.toBe("");
  });

  it("is verified at the first look's pace where all is deployed already", async () => {
    await start();
    await bench.promote("sha-0000001", { commit: bench.firstSha });
    await bench.run();
    expect(bench.settled[0]?.verdict.result).toBe("verified");
    expect(bench.asked("refresh") + bench.asked("get")).toBeLessThanOrEqual(3);
  });
});

describe("a manual application", () => {
  it("is synced once, marked, and verified", async () => {
    await start({ automated: false });
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
    expect(bench.asked("sync")).toBe(1);
    expect(bench.asked("refresh") + bench.asked("get")).toBeLessThanOrEqual(3);
    expect((await bench.app(app)).status.operationState?.operation.info).toEqual([
      { name: "sluice", value: "abcdefghijklmnop" },
    ]);
  });

  it("proves at once that it is well, although the sync has used up the free looks", async () => {
    await start({ automated: false });
    await bench.promote("sha-0000002");
    await bench.tick();
    await bench.facts.update<RolloutState>(stateKeyOf(), (state) => {
      const target = state?.targets["tenant-0"];
      if (state === null || target === undefined) throw new Error("nothing is remembered");
      const memory = { ...target.memory, looks: 3, lookedAt: bench.now().getTime() };
      return { ...state, targets: { "tenant-0": { ...target, memory } } };
    });
    const from = bench.now().getTime();
    expect((await bench.run())?.result).toBe("verified");
    expect(bench.now().getTime() - from).toBeLessThan(20_000);
  });

  it("adopts an operation of somebody else, then syncs where that did not bring the commit", async () => {
    await start({ automated: false });
    bench.simulator.admin.startOperation(app, { username: "someone", revision: bench.firstSha });
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
    expect(bench.asked("sync")).toBeLessThanOrEqual(2);
    expect((await bench.app(app)).status.history?.length).toBe(2);
  });

  it("is synced once although the answer was lost", async () => {
    await start({ automated: false });
    bench.simulator.admin.setFaults([
      {
        kind: "http",
        method: "POST",
        path: "/sync",
        times: 1,
        afterEffect: true,
        effect: { type: "reset" },
      },
    ]);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
    expect(bench.asked("sync")).toBe(1);
  });

  it("waits for a sync window to open", async () => {
    await start({ automated: false });
    bench.simulator.admin.setSyncWindows([{ kind: "deny", applications: ["*"] }]);
    await bench.promote("sha-0000002");
    await bench.run(() => bench.reports.at(-1)?.targets[0]?.state === "blocked");
    expect(bench.reports.at(-1)?.targets[0]?.sentence).toContain("sync window");
    bench.simulator.admin.setSyncWindows([]);
    expect((await bench.run())?.result).toBe("verified");
  });
});

describe("an application of a progressive ApplicationSet", () => {
  it("is never synced by Sluice, and verified when its own controller has synced it", async () => {
    await start({
      wait: false,
      apps: {
        pattern: "gitops/tenants/{tenant}/{environment}.yaml",
        name: "{tenant}-{environment}",
        project: "dev",
        automated: false,
        valueFiles: ["gitops/tenants/{tenant}/{environment}.yaml"],
        strategy: "RollingSync",
      },
    });
    await bench.until(app, (one) => "status" in one && one.status.sync.status === "OutOfSync");
    const controller = { username: "applicationset-controller", automated: true };
    await bench.promote("sha-0000002");
    for (let index = 0; index < 3; index += 1) {
      await bench.tick();
      await bench.sleep(1_000);
    }
    expect(bench.settled).toEqual([]);
    bench.simulator.admin.startOperation(app, controller);
    expect((await bench.run())?.result).toBe("verified");
    expect(bench.asked("sync")).toBe(0);
  });
});

describe("failures", () => {
  it("stop the stream when the new image does not start", async () => {
    await start({ tenants: 2, timings: { progressDeadline: 10_000 } });
    bench.simulator.admin.setImageRules([
      { match: "sha-0000002", outcome: "pullBackOff", app: "tenant-1" },
    ]);
    await bench.promote("sha-0000002");
    const verdict = await bench.run();
    expect(verdict?.result).toBe("failed");
    expect(verdict?.sentence).toContain("tenant-1 of 2 targets failed");
    const [, failed] = bench.settled[0]?.progress.targets ?? [];
    expect(failed?.state).toBe("failed");
    expect(failed?.detail).toContain("exceeded its progress deadline");
    expect(failed?.detail).toContain("ImagePullBackOff, Back-off pulling image");
  });

  it("are told before Argo CD gives up on pods that do not start", async () => {
    await start({ timings: { progressDeadline: 600_000 } });
    bench.simulator.admin.setImageRules([{ match: "sha-0000002", outcome: "crashLoop" }]);
    await bench.promote("sha-0000002");
    await bench.run(() => bench.reports.at(-1)?.targets[0]?.stuck === true);
    expect(bench.reports.at(-1)?.targets[0]).toMatchObject({
      state: "progressing",
      sentence: "New pods do not start.",
      detail: expect.stringContaining("CrashLoopBackOff") as string,
    });
    expect(bench.asked("resource-tree")).toBe(1);
  });

  it("do not wait for pods that cannot be looked at", async () => {
    await start({ timings: { progressDeadline: 10_000 } });
    const path = "resource-tree";
    bench.simulator.admin.setFaults([
      { kind: "http", path, effect: { type: "status", status: 500 } },
    ]);
    bench.simulator.admin.setImageRules([{ match: "sha-0000002", outcome: "crashLoop" }]);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("failed");
    expect(bench.settled[0]?.progress.targets[0]?.detail).toContain("progress deadline");
  });

  it("are passed over when it heals within the grace", async () => {
    await start({ timings: { progressDeadline: 2_000 } });
    bench.simulator.admin.setImageRules([
      { match: "sha-0000002", outcome: "healAfter", ms: 15_000 },
    ]);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
  });

  it("name what could not be applied", async () => {
    await start({ automated: false });
    bench.simulator.admin.setFaults([
      { kind: "sync", outcome: "failAtApply", message: "quota exceeded" },
    ]);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("failed");
    expect(bench.settled[0]?.progress.targets[0]?.detail).toContain("quota exceeded");
  });

  it("do not count after a person asked to try again, although Argo CD never does", async () => {
    await start({ each: { retry: { limit: 1 } } });
    bench.simulator.admin.setFaults([{ kind: "sync", outcome: "failAtApply", message: "quota" }]);
    const assignment = await bench.promote("sha-0000002");
    await bench.run();
    bench.simulator.admin.setFaults([]);
    await bench.sleep(2_000);
    await bench.assign({ ...assignment, retriedAt: bench.now().toISOString() });
    expect((await bench.run())?.result).toBe("verified");
  });

  it("of a stream without targets come at once, with what to do", async () => {
    await start();
    await bench.promote("sha-0000002", { targets: [] });
    const verdict = await bench.run();
    expect(verdict).toMatchObject({ result: "failed", tenants: [] });
    expect(verdict?.sentence).toContain("There is no target in dev/all");
  });
});

describe("superseded", () => {
  it("is the verdict when a later commit has put another artifact there", async () => {
    await start();
    await bench.promote("sha-0000002");
    await bench.repository.commit({ [tenantFile(0)]: values("sha-0000003") });
    const verdict = await bench.run();
    expect(verdict?.result).toBe("superseded");
    expect(verdict?.sentence).toContain("holds something else than sha-0000002");
  });

  it("is not, when a later commit changes something else", async () => {
    await start();
    await bench.promote("sha-0000002");
    await bench.repository.commit({ "README.md": "changed" });
    expect((await bench.run())?.result).toBe("verified");
  });
});
