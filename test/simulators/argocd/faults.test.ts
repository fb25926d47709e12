import { afterEach, describe, expect, it } from "vitest";

import type { Bench } from "./test-bench.ts";
import { isSettled, poll, startBench, values } from "./test-bench.ts";

const APP = "/api/v1/applications/tenant-a-dev";
const DEV = "gitops/tenants/tenant-a/dev.yaml";
const ONE_APP = [{ name: "tenant-a-dev", project: "dev", valueFiles: [DEV] }];
let bench: Bench;
afterEach(() => bench.close());

async function settled(options = {}): Promise<void> {
  bench = await startBench({ apps: ONE_APP, ...options });
  await bench.until("tenant-a-dev", isSettled);
}

function outcome(work: Promise<{ status: number }>): Promise<number | string> {
  return work.then(
    (answer) => answer.status,
    () => "broken",
  );
}

describe("HTTP faults", () => {
  it.for([
    [{ type: "status", status: 429, retryAfter: 7 }, 429],
    [{ type: "status", status: 502, html: true }, 502],
    [{ type: "status", status: 401 }, 401],
    [{ type: "status", status: 504 }, 504],
    [{ type: "reset" }, "broken"],
    [{ type: "truncate", bytes: 20 }, "broken"],
    [{ type: "invalidJson" }, "broken"],
    [{ type: "delay", ms: 10 }, 200],
    [{ type: "drip", bytesPerSecond: 1_000_000 }, 200],
  ] as const)("%o", async ([effect, result]) => {
    await settled();
    bench.simulator.admin.setFaults([{ kind: "http", path: "tenant-a-dev", times: 1, effect }]);
    expect(await outcome(bench.call("GET", APP))).toBe(result);
    expect(await outcome(bench.call("GET", APP))).toBe(200);
  });

  it("hangs until the caller gives up", async () => {
    await settled();
    bench.simulator.admin.setFaults([{ kind: "http", times: 1, effect: { type: "hang" } }]);
    const response = fetch(`${bench.simulator.url}${APP}`, { signal: AbortSignal.timeout(100) });
    await expect(response).rejects.toThrow(/timeout/);
    await poll(() => bench.simulator.admin.requests().at(-1)?.status).toBe(499);
    expect(bench.simulator.admin.held()).toBe(1);
  });

  it("loses the answer of a sync that took effect", async () => {
    await settled();
    bench.simulator.admin.setFaults([
      {
        kind: "http",
        method: "POST",
        path: "/sync$",
        times: 1,
        afterEffect: true,
        effect: { type: "reset" },
      },
    ]);
    expect(await outcome(bench.call("POST", `${APP}/sync`))).toBe("broken");
    await bench.until("tenant-a-dev", (app) => isSettled(app) && app.status.history?.length === 2);
  });

  it("hits the nth request, every nth, and only the account named", async () => {
    await settled();
    const effect = { type: "status" as const, status: 503 };
    bench.simulator.admin.setFaults([{ kind: "http", every: 2, account: "sluice", effect }]);
    const token = bench.simulator.tokenFor("admin");
    expect((await bench.call("GET", APP)).status).toBe(200);
    expect((await bench.call("GET", APP, { token })).status).toBe(200);
    expect((await bench.call("GET", APP)).status).toBe(503);
    expect((await bench.call("GET", APP)).status).toBe(200);
  });
});

describe("faults behind the API", () => {
  it("a refresh hangs while the controller is down, and the operation stays requested", async () => {
    await settled();
    bench.simulator.admin.setFaults([{ kind: "backend", controllerDown: true }]);
    const refresh = fetch(`${bench.simulator.url}${APP}?refresh=normal`, {
      headers: { authorization: `Bearer ${bench.simulator.token}` },
      signal: AbortSignal.timeout(200),
    });
    await expect(refresh).rejects.toThrow(/timeout/);
    expect((await bench.app("tenant-a-dev")).metadata.annotations).toEqual({
      "argocd.argoproj.io/refresh": "normal",
    });
    await bench.call("POST", `${APP}/sync`);
    const waiting = await bench.app("tenant-a-dev");
    expect(waiting).toHaveProperty("operation");
    expect(waiting.status).not.toHaveProperty("operationState");
    bench.simulator.admin.setFaults([]);
    await bench.until(
      "tenant-a-dev",
      (app) =>
        isSettled(app) &&
        app.status.history?.length === 2 &&
        app.metadata.annotations === undefined,
    );
  });

  it("a refresh ends with the deadline that the caller sets", async () => {
    await settled();
    bench.simulator.admin.setFaults([{ kind: "backend", controllerDown: true }]);
    const answer = await bench.call("GET", `${APP}?refresh=normal`, {
      headers: { "grpc-timeout": "100m" },
    });
    expect(answer).toMatchObject({
      status: 504,
      json: { code: 4, message: "context deadline exceeded" },
    });
  });

  it("a refresh hangs for an application that the controller skips", async () => {
    await settled();
    const annotations = { "argocd.argoproj.io/skip-reconcile": "true" };
    bench.simulator.admin.editApp("tenant-a-dev", { annotations });
    const refresh = fetch(`${bench.simulator.url}${APP}?refresh=normal`, {
      headers: { authorization: `Bearer ${bench.simulator.token}` },
      signal: AbortSignal.timeout(300),
    });
    await expect(refresh).rejects.toThrow(/timeout/);
  });

  it("the list is stale while the informer is frozen; a GET is not", async () => {
    await settled();
    bench.simulator.admin.setFaults([{ kind: "backend", informerFrozen: true }]);
    bench.simulator.admin.editApp("tenant-a-dev", { labels: { new: "label" } });
    const selector = "/api/v1/applications?selector=new";
    expect((await bench.call("GET", selector)).json).toMatchObject({ items: null });
    expect((await bench.app("tenant-a-dev")).metadata.labels).toEqual({ new: "label" });
    bench.simulator.admin.setFaults([]);
    expect((await bench.call("GET", selector)).json).toMatchObject({ items: [{}] });
  });

  it("consecutive lists of two replicas may go backwards", async () => {
    await settled({ timings: { replicaLag: 60_000 } });
    bench.simulator.admin.setFaults([{ kind: "backend", replicas: 2 }]);
    bench.simulator.admin.editApp("tenant-a-dev", { labels: { new: "label" } });
    const seen = new Set<boolean>();
    await poll(async () => {
      const answer = await bench.call("GET", "/api/v1/applications?selector=new");
      seen.add((answer.json as { items: unknown }).items === null);
      return seen.size;
    }).toBe(2);
  });

  it("level-2 comparisons swallow a Git error; a refresh turns Unknown", async () => {
    await settled({ timings: { timerRefresh: 2_000, timerJitter: 1, revisionCache: 1 } });
    bench.simulator.admin.setFaults([{ kind: "backend", repoServerDown: true }]);
    const start = Date.now();
    await poll(() => Date.now() - start).toBeGreaterThan(200);
    const before = (await bench.app("tenant-a-dev")).metadata.resourceVersion;
    await poll(() => Date.now() - start).toBeGreaterThan(500);
    expect((await bench.app("tenant-a-dev")).metadata.resourceVersion).toBe(before);
    await bench.call("GET", `${APP}?refresh=`);
    expect((await bench.app("tenant-a-dev")).status.sync.status).toBe("Unknown");
  });
});

describe("workloads", () => {
  it("are Degraded after a while, or heal", async () => {
    await settled({ timings: { progressDeadline: 4_000 } });
    bench.simulator.admin.setImageRules([
      { match: ":later-", outcome: "degradeAfter", ms: 20_000 },
      { match: ":heal-", outcome: "healAfter", ms: 30_000 },
    ]);
    const sha = await bench.repository.commit({ [DEV]: values("later-1") });
    await bench.call("GET", `${APP}?refresh=normal`);
    await bench.step(
      "tenant-a-dev",
      (step) => step.revision === sha && step.health === "Healthy" && step.sync === "Synced",
    );
    await bench.until("tenant-a-dev", (app) => app.status.health.status === "Degraded");
    const healed = await bench.repository.commit({ [DEV]: values("heal-1") });
    await bench.call("GET", `${APP}?refresh=normal`);
    await bench.step(
      "tenant-a-dev",
      (step) => step.health === "Degraded" && step.revision === healed && step.sync === "Synced",
    );
    await bench.until("tenant-a-dev", (app) => isSettled(app, healed));
  });

  it("flap", async () => {
    await settled({ imageRules: [{ match: ":flap-", outcome: "flap", ms: 1_000 }] });
    await bench.repository.commit({ [DEV]: values("flap-1") });
    await bench.call("GET", `${APP}?refresh=normal`);
    await poll(() => {
      const healths = bench.simulator.admin.timeline("tenant-a-dev").map((step) => step.health);
      return healths.filter((health, index) => health !== healths[index - 1]).length;
    }).toBeGreaterThan(7);
  });

  it("show a back-off on the pod at once, while the application is only Progressing", async () => {
    await settled({ imageRules: [{ match: ":bad-", outcome: "pullBackOff" }] });
    await bench.repository.commit({ [DEV]: values("bad-1") });
    await bench.call("GET", `${APP}?refresh=normal`);
    await poll(async () => (await bench.call("GET", `${APP}/resource-tree`)).text).toContain(
      "ImagePullBackOff",
    );
    await bench.until("tenant-a-dev", (app) => app.status.health.status === "Progressing");
  });

  it("keep a finished job's pod of the old image, hide the summary, pause", async () => {
    await settled();
    bench.simulator.admin.setFaults([
      { kind: "workload", outcome: "leftoverJobPod", image: "x:old" },
    ]);
    await bench.until("tenant-a-dev", (app) => app.status.summary.images?.length === 2);
    bench.simulator.admin.setFaults([{ kind: "workload", outcome: "summaryEmpty" }]);
    await bench.until("tenant-a-dev", (app) => app.status.summary.images === undefined);
    bench.simulator.admin.setFaults([{ kind: "workload", outcome: "suspended" }]);
    await bench.until("tenant-a-dev", (app) => app.status.health.status === "Suspended");
  });

  it("without replicas and CronJobs have no pods, and are Healthy", async () => {
    bench = await startBench({
      apps: [
        { ...ONE_APP[0]!, workloads: [{ name: "api" }, { name: "nightly", kind: "CronJob" }] },
      ],
      files: { [DEV]: values("v1", "replicaCount: 0\n") },
    });
    const app = await bench.until("tenant-a-dev", isSettled);
    expect(app.status.summary).toEqual({});
    const path = `${APP}/managed-resources?kind=CronJob`;
    expect((await bench.call("GET", path)).text).toContain("demo-api:v1");
  });

  it("wait for one wave before the next, and fail when one is Degraded", async () => {
    bench = await startBench({
      timings: { progressDeadline: 3_000 },
      apps: [
        {
          ...ONE_APP[0]!,
          retry: { limit: 0 },
          workloads: [{ name: "first" }, { name: "second", wave: 1 }],
        },
      ],
      imageRules: [{ match: ":bad-", outcome: "pullBackOff" }],
    });
    await bench.until("tenant-a-dev", isSettled);
    await bench.repository.commit({ [DEV]: values("bad-1") });
    await bench.call("GET", `${APP}?refresh=normal`);
    await bench.until("tenant-a-dev", (app) =>
      /waiting for healthy state of apps\/Deployment\/first/.test(
        app.status.operationState?.message ?? "",
      ),
    );
    const app = await bench.until("tenant-a-dev", (seen) => seen.operation === undefined);
    expect(app.status.operationState).toMatchObject({
      phase: "Failed",
      message: "one or more synchronization tasks completed unsuccessfully",
    });
  });
});

describe("drift", () => {
  it("is healed by a partial sync without history where selfHeal is on", async () => {
    await settled({ apps: [{ ...ONE_APP[0]!, automated: { prune: true, selfHeal: true } }] });
    bench.simulator.admin.drift("tenant-a-dev", "ghcr.io/acme/demo-api:tampered");
    const app = await bench.until(
      "tenant-a-dev",
      (seen) =>
        isSettled(seen) && seen.status.operationState?.operation.sync?.resources !== undefined,
    );
    expect(app.status.history).toHaveLength(1);
    expect(bench.simulator.admin.apps()[0]?.live).toEqual(["ghcr.io/acme/demo-api:sha-0000001"]);
  });

  it("stays where it is off", async () => {
    await settled();
    bench.simulator.admin.drift("tenant-a-dev", "ghcr.io/acme/demo-api:tampered");
    const app = await bench.until(
      "tenant-a-dev",
      (seen) => seen.status.sync.status === "OutOfSync",
    );
    expect(app).not.toHaveProperty("operation");
  });
});
