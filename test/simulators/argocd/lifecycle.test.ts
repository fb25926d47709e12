import { afterEach, describe, expect, it } from "vitest";

import type { Bench } from "./test-bench.ts";
import { isSettled, startBench, values } from "./test-bench.ts";

let bench: Bench;
afterEach(async () => {
  await bench.close();
});

const DEV = "gitops/tenants/tenant-a/dev.yaml";
const PROD = "gitops/tenants/tenant-a/prod.yaml";

describe("the life of an application", () => {
  it("deploys an automated application at the first comparison", async () => {
    bench = await startBench();
    const app = await bench.until("tenant-a-dev", isSettled);
    expect(app.status.sync.revision).toBe(bench.firstSha);
    expect(app.status.summary.images).toEqual(["ghcr.io/acme/demo-api:sha-0000001"]);
    expect(app.status.history).toHaveLength(1);
    expect(app.status.operationState?.operation.initiatedBy).toEqual({ automated: true });
  });

  it("leaves an application without automation OutOfSync and Missing until it is synced", async () => {
    bench = await startBench();
    const before = await bench.until("tenant-a-prod", (app) => app.status.sync.status !== "");
    expect(before.status.sync.status).toBe("OutOfSync");
    expect(before.status.health.status).toBe("Missing");
    const infos = [{ name: "sluice", value: "promotion-1" }];
    const answer = await bench.call("POST", "/api/v1/applications/tenant-a-prod/sync", {
      body: { infos },
    });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      operation: { sync: { revision: bench.firstSha }, initiatedBy: { username: "sluice" } },
    });
    expect(answer.json["status"]).not.toHaveProperty("operationState");
    const after = await bench.until("tenant-a-prod", isSettled);
    expect(after.status.operationState?.operation.info).toEqual(infos);
    expect(after.status.operationState?.message).toBe("successfully synced (all tasks run)");
  });

  it("sees a new commit on refresh and shows both images while pods are replaced", async () => {
    bench = await startBench({
      imageRules: [{ match: ":sha-0000002", outcome: "slow", ms: 10_000 }],
    });
    await bench.until("tenant-a-dev", isSettled);
    const sha = await bench.repository.commit({
      [DEV]: values("sha-0000002", "replicaCount: 2\n"),
    });
    const refreshed = await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    expect(refreshed.json).toMatchObject({ status: { sync: { revision: sha } } });
    expect(refreshed.json["metadata"]).not.toHaveProperty("annotations");
    await bench.step("tenant-a-dev", (step) => step.images.length === 2);
    const after = await bench.until(
      "tenant-a-dev",
      (app) => isSettled(app, sha) && app.status.summary.images?.length === 1,
    );
    expect(after.status.summary.images).toEqual(["ghcr.io/acme/demo-api:sha-0000002"]);
    expect(after.status.history?.map((entry) => entry.id)).toEqual([0, 1]);
  });

  it("writes in the real order: an automated sync sets the operation on the old status", async () => {
    bench = await startBench();
    await bench.until("tenant-a-dev", isSettled);
    const sha = await bench.repository.commit({ [DEV]: values("sha-0000002") });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    await bench.until("tenant-a-dev", (app) => isSettled(app, sha));
    const steps = bench.simulator.admin.timeline("tenant-a-dev");
    const from = steps.findLastIndex((step) => step.cause === "refresh requested");
    const causes = steps.slice(from).map((step) => step.cause);
    expect(
      causes.filter((cause) => !cause.startsWith("compare") && cause !== "operation message"),
    ).toEqual([
      "refresh requested",
      "set operation",
      "operation running",
      "history appended",
      "operation finished",
    ]);
    const set = steps.slice(from).find((step) => step.cause === "set operation");
    expect(set).toMatchObject({ operation: true, sync: "Synced", health: "Healthy" });
    const compared = steps.slice(from).find((step) => step.sync === "OutOfSync");
    expect(compared).toMatchObject({ cause: "compare level 3", operation: true, revision: sha });
    const finished = steps.slice(from).find((step) => step.cause === "operation finished");
    expect(finished).toMatchObject({ operation: false, phase: "Succeeded", sync: "OutOfSync" });
  });

  it("shows Degraded only after the progress deadline when an image cannot be pulled", async () => {
    bench = await startBench({ timings: { progressDeadline: 6_000 } });
    await bench.until("tenant-a-dev", isSettled);
    bench.simulator.admin.setImageRules([{ match: "bad", outcome: "pullBackOff" }]);
    await bench.repository.commit({ [DEV]: values("bad-1") });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    await bench.step("tenant-a-dev", (step) => step.health === "Progressing");
    const bad = await bench.until("tenant-a-dev", (app) => app.status.health.status === "Degraded");
    expect(bad.status.sync.status).toBe("Synced");
    expect(bad.status.operationState?.phase).toBe("Succeeded");
    expect(bad.status.summary.images).toEqual([
      "ghcr.io/acme/demo-api:bad-1",
      "ghcr.io/acme/demo-api:sha-0000001",
    ]);
    const sha = await bench.repository.commit({ [DEV]: values("sha-0000001") });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    await bench.until("tenant-a-dev", (app) => isSettled(app, sha));
  });

  it("moves an application to a newer commit that changes nothing for it, without an operation", async () => {
    bench = await startBench();
    const before = await bench.until("tenant-a-dev", isSettled);
    const sha = await bench.repository.commit({ [PROD]: values("sha-0000009") });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    const after = await bench.until("tenant-a-dev", (app) => isSettled(app, sha));
    expect(after.status.history).toEqual(before.status.history);
    expect(after.status.operationState?.syncResult?.revision).toBe(bench.firstSha);
  });
});
