import { afterEach, describe, expect, it } from "vitest";

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

describe("Argo CD", () => {
  it.for([
    { name: "is unreachable", effect: { type: "reset" as const } },
    {
      name: "answers with a proxy's page",
      effect: { type: "status" as const, status: 502, html: true },
    },
    { name: "does not answer", effect: { type: "hang" as const } },
    { name: "accepts the token no more", effect: { type: "status" as const, status: 401 } },
  ])("$name: it is said, retried, and verified later", async ({ effect }) => {
    await start({ deadlines: { list: 500 } });
    await bench.promote("sha-0000002");
    bench.simulator.admin.setFaults([{ kind: "http", path: "/api/v1/", effect }]);
    const outcome = await bench.tick();
    expect(outcome.kind).toBe("later");
    expect(bench.reports[0]?.trouble).toContain("Argo CD instance default");
    expect(bench.reports[0]?.counts.healthy).toBe(0);
    bench.simulator.admin.setFaults([]);
    expect((await bench.run())?.result).toBe("verified");
  });

  it("that stays away is out of time at the deadline, and corrected when it answers again", async () => {
    await start();
    await bench.promote("sha-0000002", { timeoutMs: 30_000 });
    const path = "/api/v1/";
    bench.simulator.admin.setFaults([{ kind: "http", path, effect: { type: "reset" } }]);
    await bench.run(() => bench.settled.length > 0);
    const verdict = bench.settled[0]?.verdict;
    expect(verdict).toMatchObject({ result: "timed-out", uncertain: true });
    const reports = bench.reports.length;
    for (let index = 0; index < 3; index += 1) {
      const outcome = await bench.tick();
      expect(outcome.kind).toBe("later");
      await bench.sleep(20_000);
    }
    expect(bench.settled.length).toBe(1);
    expect(bench.reports.length).toBe(reports);
    bench.simulator.admin.setFaults([]);
    expect(await bench.run()).toMatchObject({ result: "verified" });
    expect(bench.settled.map((one) => one.verdict.result)).toEqual(["timed-out", "verified"]);
    expect(verdict?.sentence).toContain("cannot be reached");
    expect(bench.settled[0]?.progress.targets[0]?.state).toBe("timed-out");
  });

  it("that answers again, and shows what never becomes healthy, is out of time for good", async () => {
    await start();
    bench.simulator.admin.setImageRules([{ match: "sha-0000002", outcome: "slow", ms: 3_600_000 }]);
    await bench.promote("sha-0000002", { timeoutMs: 30_000 });
    const path = "/api/v1/";
    bench.simulator.admin.setFaults([{ kind: "http", path, effect: { type: "reset" } }]);
    await bench.run(() => bench.settled.length > 0);
    bench.simulator.admin.setFaults([]);
    const verdict = await bench.run();
    expect(verdict?.result).toBe("timed-out");
    expect(verdict?.uncertain).toBe(undefined);
    expect(bench.settled.length).toBe(2);
  });

  it("whose controller is down keeps the refresh waiting, and the application is not verified", async () => {
    await start({ deadlines: { refresh: 200 } });
    await bench.promote("sha-0000002", { timeoutMs: 30_000 });
    bench.simulator.admin.setFaults([{ kind: "backend", controllerDown: true }]);
    expect((await bench.run())?.result).toBe("timed-out");
  });

  it("whose Kubernetes is down denies everything: trouble, not a verdict", async () => {
    await start();
    await bench.promote("sha-0000002");
    bench.simulator.admin.setFaults([{ kind: "backend", k8sDown: true }]);
    await bench.tick();
    expect(bench.reports[0]?.trouble).toContain("just now");
    bench.simulator.admin.setFaults([]);
    expect((await bench.run())?.result).toBe("verified");
  });

  it("whose list is frozen in the past is still judged by the application itself", async () => {
    await start();
    bench.simulator.admin.setFaults([{ kind: "backend", informerFrozen: true }]);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
  });

  it("whose lists go back and forth between two copies is judged right", async () => {
    await start();
    bench.simulator.admin.setFaults([{ kind: "backend", replicas: 2 }]);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
  });

  it("that is not configured is named with the setting", async () => {
    await start();
    await bench.promote("sha-0000002", { instance: "prod-eu" });
    await bench.tick();
    expect(bench.reports[0]?.trouble).toMatchInlineSnapshot(
      `"No Argo CD instance prod-eu is configured: set ARGOCD_URL__PROD_EU and its token."`,
    );
  });
});

describe("an application", () => {
  it("that does not exist yet is waited for", async () => {
    await start({ tenants: 2 });
    bench.simulator.admin.removeApp("tenant-1-dev");
    await bench.promote("sha-0000002");
    await bench.run(() => bench.reports.some(({ counts }) => counts.healthy === 1));
    expect(bench.reports.at(-1)?.targets[1]).toMatchObject({
      state: "blocked",
      sentence: "There is no application tenant-1-dev in Argo CD instance default yet.",
    });
    bench.simulator.admin.addApp({
      name: "tenant-1-dev",
      project: "dev",
      valueFiles: ["gitops/tenants/tenant-1/dev.yaml"],
    });
    expect((await bench.run())?.result).toBe("verified");
  });

  it("that never appears is out of time", async () => {
    await start();
    bench.simulator.admin.removeApp(app);
    await bench.promote("sha-0000002", { timeoutMs: 1_000 });
    const verdict = await bench.run();
    expect(verdict?.result).toBe("timed-out");
    expect(verdict?.sentence).toContain("There is no application tenant-0-dev");
  });

  it("that may not be synced says which right is missing", async () => {
    await start({
      automated: false,
      accounts: { sluice: { rules: [{ action: "get", object: "*" }] } },
    });
    await bench.promote("sha-0000002");
    await bench.run(() => bench.reports.at(-1)?.targets[0]?.state === "blocked");
    expect(bench.reports.at(-1)?.targets[0]?.sentence).toContain(
      "'applications, sync, dev/tenant-0-dev'",
    );
  });
});

describe("the rollout itself", () => {
  it("ends the same when its memory is lost before every tick", async () => {
    await start({ automated: false });
    await bench.promote("sha-0000002");
    let ticks = 0;
    const verdict = await bench.run(() => {
      ticks += 1;
      // Not the last moments: staying healthy is proven by two looks that remember each other.
      const settling = bench.reports.at(-1)?.targets[0]?.state === "settling";
      if (!settling) void bench.facts.delete([stateKeyOf()]);
      return false;
    });
    expect(verdict?.result).toBe("verified");
    expect(ticks).toBeGreaterThan(2);
    expect(bench.asked("sync")).toBe(1);
  });

  it("syncs once when two workers run it at once", async () => {
    await start({ automated: false });
    await bench.promote("sha-0000002");
    await Promise.all([bench.run(), bench.run()]);
    expect(new Set(bench.settled.map(({ verdict }) => verdict.result))).toEqual(
      new Set(["verified"]),
    );
    const syncs = bench.simulator.admin.requests().filter(({ operation }) => operation === "sync");
    expect(syncs.filter(({ status }) => status === 200).length).toBe(1);
  });

  it("goes on after it was aborted anywhere", async () => {
    await start();
    await bench.promote("sha-0000002");
    for (const ms of [1, 3, 7, 15, 30, 60]) {
      const abort = new AbortController();
      const tick = bench.tick(abort.signal);
      setTimeout(() => abort.abort(new Error("lock lost")), ms);
      await tick.catch((error: unknown) => expect((error as Error).message).toBe("lock lost"));
    }
    expect((await bench.run())?.result).toBe("verified");
  });

  it("tells a verdict again when telling failed, and it is the same one", async () => {
    await start();
    await bench.promote("sha-0000002");
    const { deps } = bench;
    bench.deps = { ...deps, settle: () => Promise.reject(new Error("GitHub is down")) };
    await expect(bench.run()).rejects.toThrow("GitHub is down");
    bench.deps = deps;
    bench.simulator.admin.clearRequests();
    expect(await bench.tick()).toEqual({ kind: "done" });
    expect(bench.settled[0]?.verdict.result).toBe("verified");
    expect(bench.simulator.admin.requests()).toEqual([]);
  });

  it("is over at once where nothing is assigned", async () => {
    await start();
    expect(await bench.tick()).toEqual({ kind: "done" });
    expect(bench.settled).toEqual([]);
  });

  it("is over at once where the verdict is known, and tells it again where that was lost", async () => {
    await start();
    const { commit } = await bench.promote("sha-0000002");
    const verdict = await bench.run();
    const key = `verdict/acme/platform/dev/demo-api/all/ghcr.io/acme/demo-api:sha-0000002/${commit}`;
    await bench.facts.set(key, verdict);
    expect(await bench.tick()).toEqual({ kind: "done" });
    expect(bench.settled.length).toBe(1);
    await bench.facts.delete([key]);
    expect(await bench.tick()).toEqual({ kind: "done" });
    expect(bench.settled.map((one) => one.verdict)).toEqual([verdict, verdict]);
  });

  it("is not over by a verdict from before a person asked to try again", async () => {
    await start();
    const assignment = await bench.promote("sha-0000002");
    const verdict = await bench.run();
    const key = `verdict/acme/platform/dev/demo-api/all/x/${assignment.commit}`;
    await bench.facts.set(key, { ...verdict, result: "failed" });
    await bench.sleep(1_000);
    await bench.assign({ ...assignment, retriedAt: bench.now().toISOString() });
    expect((await bench.run())?.result).toBe("verified");
  });

  it("is over for those that are left when one target moved on, and not by the verdict that says so", async () => {
    await start({ tenants: 2 });
    const assignment = await bench.promote("sha-0000002");
    await bench.repository.commit({ [tenantFile(1)]: values("sha-0000001") });
    const verdict = await bench.run();
    expect(verdict?.result).toBe("superseded");
    const key = `verdict/acme/platform/dev/demo-api/all/x/${assignment.commit}`;
    await bench.facts.set(key, verdict);
    await bench.assign({ ...assignment, targets: assignment.targets.slice(0, 1) });
    expect(await bench.run()).toMatchObject({ result: "verified", tenants: ["tenant-0"] });
  });

  it("starts again where Git still wants what had moved on", async () => {
    await start();
    await bench.promote("sha-0000002");
    await bench.repository.commit({ [tenantFile(0)]: values("sha-0000001") });
    expect((await bench.run())?.result).toBe("superseded");
    expect((await bench.tick()).kind).toBe("later");
    await bench.repository.commit({ [tenantFile(0)]: values("sha-0000002") });
    expect((await bench.run())?.result).toBe("verified");
  });

  it("reports a change at most every ten seconds", async () => {
    await start();
    await bench.promote("sha-0000002");
    const times: number[] = [];
    const { deps } = bench;
    bench.deps = {
      ...deps,
      reportProgress: (...progress) => {
        times.push(bench.now().getTime());
        return deps.reportProgress(...progress);
      },
    };
    await bench.run();
    for (const [index, time] of times.slice(1).entries())
      expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(9_000);
  });
});
