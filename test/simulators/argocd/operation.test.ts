import { afterEach, describe, expect, it } from "vitest";

import type { Bench } from "./test-bench.ts";
import { isSettled, startBench, values } from "./test-bench.ts";

const PROD = "/api/v1/applications/tenant-a-prod";
const DEV = "/api/v1/applications/tenant-a-dev";
const DEV_FILE = "gitops/tenants/tenant-a/dev.yaml";
const PROD_FILE = "gitops/tenants/tenant-a/prod.yaml";
let bench: Bench;
afterEach(() => bench.close());

async function deployed(options = {}): Promise<void> {
  bench = await startBench(options);
  await bench.until("tenant-a-dev", isSettled);
  await bench.until("tenant-a-prod", (app) => app.status.sync.status === "OutOfSync");
  await bench.call("POST", `${PROD}/sync`);
  await bench.until("tenant-a-prod", isSettled);
}

describe("sync", () => {
  it("refuses a second operation, and terminates the first", async () => {
    await deployed();
    bench.simulator.admin.setFaults([{ kind: "sync", app: "prod", outcome: "stuckRunning" }]);
    expect((await bench.call("POST", `${PROD}/sync`)).status).toBe(200);
    const stuck = await bench.until(
      "tenant-a-prod",
      (app) => app.status.operationState?.message !== undefined,
    );
    expect(stuck.status.operationState?.message).toMatch(
      /^waiting for healthy state of apps\/Deployment\/tenant-a-prod/,
    );
    expect(await bench.call("POST", `${PROD}/sync`)).toMatchObject({
      status: 400,
      json: { code: 9, message: "another operation is already in progress" },
    });
    expect(await bench.call("DELETE", `${PROD}/operation`)).toMatchObject({
      status: 200,
      json: {},
    });
    const over = await bench.until("tenant-a-prod", (app) => app.operation === undefined);
    expect(over.status.operationState).toMatchObject({
      phase: "Failed",
      message: "Operation terminated",
    });
    expect(await bench.call("DELETE", `${PROD}/operation`)).toMatchObject({
      status: 400,
      json: {
        code: 3,
        message: "Unable to terminate operation. No operation is in progress",
      },
    });
  });

  it("refuses another revision than the target of an automated application", async () => {
    await deployed();
    expect(await bench.call("POST", `${DEV}/sync`, { body: { revision: "other" } })).toMatchObject({
      status: 400,
      json: { code: 9, message: "Cannot sync to other: auto-sync currently set to HEAD" },
    });
  });

  it("refuses a revision that Git does not have", async () => {
    await deployed();
    const answer = await bench.call("POST", `${PROD}/sync`, { body: { revision: "nowhere" } });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain("error resolving repo revision: ");
  });

  it("reads body keys without regard to case and ignores unknown ones", async () => {
    await deployed();
    const answer = await bench.call("POST", `${PROD}/sync`, {
      body: { DryRun: true, unknown: 1, Infos: [{ name: "a", value: "b" }] },
    });
    expect(answer.json).toMatchObject({
      operation: { sync: { dryRun: true }, info: [{ name: "a", value: "b" }] },
    });
    const after = await bench.until("tenant-a-prod", (app) => app.operation === undefined);
    expect(after.status.history).toHaveLength(1);
  });

  it("deploys to the old status first: Succeeded while sync and health are those before", async () => {
    await deployed();
    const sha = await bench.repository.commit({ [PROD_FILE]: values("sha-0000002") });
    await bench.call("POST", `${PROD}/sync`);
    await bench.until("tenant-a-prod", (app) => isSettled(app, sha));
    const steps = bench.simulator.admin.timeline("tenant-a-prod");
    const from = steps.findLastIndex((step) => step.cause === "set operation");
    expect(steps.slice(from, from + 4).map((step) => step.cause)).toEqual([
      "set operation",
      "operation running",
      "history appended",
      "operation finished",
    ]);
    expect(steps[from + 3]).toMatchObject({
      phase: "Succeeded",
      sync: "Synced",
      health: "Healthy",
      revision: bench.firstSha,
    });
  });

  it("fails at apply without touching what runs, and automated sync gives up on that revision", async () => {
    await deployed();
    bench.simulator.admin.setFaults([
      { kind: "sync", app: "dev", outcome: "failAtApply", message: "admission webhook denied it" },
    ]);
    const sha = await bench.repository.commit({ [DEV_FILE]: values("sha-0000002") });
    bench.simulator.admin.setSpeed(200);
    await bench.call("GET", `${DEV}?refresh=normal`);
    const parked = await bench.until(
      "tenant-a-dev",
      (app) => app.status.operationState?.finishedAt !== undefined && app.operation !== undefined,
    );
    expect(parked.status.operationState).toMatchObject({ phase: "Running" });
    expect(parked.status.operationState?.retryCount).toBeGreaterThan(0);
    expect(parked.status.operationState?.message).toMatch(
      /Retrying attempt #\d at \d+:\d\d[AP]M\.$/,
    );
    const failed = await bench.until("tenant-a-dev", (app) => app.status.conditions !== undefined);
    expect(failed.status.operationState).toMatchObject({ phase: "Failed", retryCount: 5 });
    expect(failed.status.operationState?.syncResult?.resources).toMatchObject([
      { kind: "Deployment", status: "SyncFailed", message: "admission webhook denied it" },
    ]);
    expect(failed.status.conditions).toMatchObject([
      {
        type: "SyncError",
        message: `Failed last sync attempt to [${sha}]: one or more objects failed to apply, reason: admission webhook denied it (retried 5 times).`,
      },
    ]);
    expect(failed.status.summary.images).toEqual(["ghcr.io/acme/demo-api:sha-0000001"]);
  });

  it("succeeds after a retry when the failure passes", async () => {
    await deployed();
    bench.simulator.admin.setSpeed(200);
    bench.simulator.admin.setFaults([
      { kind: "sync", app: "dev", outcome: "failAtApply", times: 1 },
    ]);
    const sha = await bench.repository.commit({ [DEV_FILE]: values("sha-0000002") });
    await bench.call("GET", `${DEV}?refresh=normal`);
    const app = await bench.until("tenant-a-dev", (seen) => isSettled(seen, sha));
    expect(app.status.operationState?.retryCount).toBe(1);
  });

  it("does not start an automated sync in a closed window, nor says so, and goes on when it opens", async () => {
    await deployed();
    bench.simulator.admin.setSyncWindows([{ kind: "deny", applications: ["tenant-a-dev"] }]);
    const sha = await bench.repository.commit({ [DEV_FILE]: values("sha-0000002") });
    await bench.call("GET", `${DEV}?refresh=normal`);
    const closed = await bench.app("tenant-a-dev");
    expect(closed.status.sync).toMatchObject({ status: "OutOfSync", revision: sha });
    expect(closed).not.toHaveProperty("operation");
    expect(closed.status).not.toHaveProperty("conditions");
    bench.simulator.admin.setSyncWindows([]);
    await bench.call("GET", `${DEV}?refresh=normal`);
    await bench.until("tenant-a-dev", (app) => isSettled(app, sha));
  });

  it("parks an operation that began when its window closes", async () => {
    await deployed();
    const sha = await bench.repository.commit({ [PROD_FILE]: values("sha-0000002") });
    bench.simulator.admin.setFaults([{ kind: "backend", controllerDown: true }]);
    expect((await bench.call("POST", `${PROD}/sync`)).status).toBe(200);
    bench.simulator.admin.setSyncWindows([{ kind: "deny", applications: ["tenant-a-prod"] }]);
    bench.simulator.admin.setFaults([]);
    const parked = await bench.until(
      "tenant-a-prod",
      (app) => app.status.operationState?.message !== undefined,
    );
    expect(parked.status.operationState).toMatchObject({
      phase: "Running",
      message: "Sync operation blocked by sync window",
    });
    bench.simulator.admin.setSyncWindows([]);
    await bench.until("tenant-a-prod", (app) => isSettled(app, sha));
  });

  it("rolls back by history id, but not where sync is automated", async () => {
    await deployed();
    const sha = await bench.repository.commit({ [PROD_FILE]: values("sha-0000002") });
    await bench.call("POST", `${PROD}/sync`);
    await bench.until("tenant-a-prod", (app) => isSettled(app, sha));
    expect((await bench.call("POST", `${PROD}/rollback`, { body: { id: 7 } })).status).toBe(400);
    expect((await bench.call("POST", `${PROD}/rollback`, { body: { id: 0 } })).status).toBe(200);
    const back = await bench.until(
      "tenant-a-prod",
      (app) => app.status.history?.length === 3 && app.status.sync.status === "OutOfSync",
    );
    expect(back.status.history?.at(-1)?.revision).toBe(bench.firstSha);
    expect((await bench.call("POST", `${DEV}/rollback`, { body: { id: 0 } })).status).toBe(400);
  });

  it("does not sync an application that is being deleted", async () => {
    await deployed();
    bench.simulator.admin.editApp("tenant-a-prod", { deleting: true });
    expect(await bench.call("POST", `${PROD}/sync`)).toMatchObject({
      status: 400,
      json: { message: "application is deleting" },
    });
  });
});
