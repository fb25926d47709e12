import { afterEach, describe, expect, it } from "vitest";

import type { Deployer } from "#ports/deployer.ts";

import {
  dev,
  found,
  prod,
  promotionId,
  settle,
  startArgocdBench,
  type ArgocdBench,
} from "./argocd-bench.ts";

let bench: ArgocdBench;
let deployer: Deployer;
afterEach(() => bench.close());

async function start(options: Parameters<typeof startArgocdBench>[0] = {}): Promise<void> {
  bench = await startArgocdBench(options);
  ({ deployer } = bench);
  await settle(bench);
}

describe("sync", () => {
  it("starts one at the branch's head, marked with the promotion", async () => {
    await start();
    const answer = await deployer.sync(prod, promotionId);
    expect(answer).toMatchObject({
      kind: "started",
      application: {
        requested: {
          revisions: [bench.firstSha],
          infos: [{ name: "sluice", value: promotionId }],
          startedBy: "sluice",
        },
      },
    });
    const after = await bench.until("tenant-a-prod", (app) => app.operation === undefined);
    expect(after.status.operationState).toMatchObject({ phase: "Succeeded" });
    expect(found(await deployer.application(prod)).operation?.infos).toEqual([
      { name: "sluice", value: promotionId },
    ]);
  });

  it("adopts an operation that is in progress", async () => {
    await start();
    bench.simulator.admin.setFaults([{ kind: "sync", app: "prod", outcome: "stuckRunning" }]);
    bench.simulator.admin.startOperation("tenant-a-prod");
    expect(await deployer.sync(prod, promotionId)).toEqual({ kind: "adopted" });
  });

  it("says that a window is closed", async () => {
    await start();
    bench.simulator.admin.setSyncWindows([{ kind: "deny", applications: ["*"] }]);
    expect((await deployer.sync(prod, promotionId)).kind).toBe("window");
  });

  it("names the right that is missing", async () => {
    await start({
      accounts: {
        sluice: { rules: [{ action: "get", object: "*" }] },
      },
    });
    expect(await deployer.sync(prod, promotionId)).toEqual({
      kind: "forbidden",
      sentence:
        "Argo CD instance default does not allow Sluice 'applications, sync, prod/tenant-a-prod': grant it to its account or project role.",
    });
  });

  it("is absent where there is no such application", async () => {
    await start();
    expect((await deployer.sync({ ...prod, name: "nobody" }, promotionId)).kind).toBe("absent");
  });

  it("is refused in Argo CD's words where it will not", async () => {
    await start();
    bench.simulator.admin.editApp("tenant-a-prod", { deleting: true });
    expect(await deployer.sync(prod, promotionId)).toEqual({
      kind: "refused",
      sentence: "Argo CD refuses to sync it.",
      detail: "application is deleting",
    });
  });

  it.for([
    { name: "reset", effect: { type: "reset" as const } },
    { name: "502", effect: { type: "status" as const, status: 502, html: true } },
    { name: "hang", effect: { type: "hang" as const } },
  ])("is sent once when its outcome stays unknown: $name", async ({ effect }) => {
    await start({ deadlines: { sync: 300 } });
    bench.simulator.admin.setFaults([
      { kind: "http", method: "POST", path: "/sync", afterEffect: true, effect },
    ]);
    await expect(deployer.sync(prod, promotionId)).rejects.toMatchObject({ retryable: true });
    bench.simulator.admin.setFaults([]);
    const after = found(await deployer.application(prod));
    expect((after.requested ?? after.operation)?.infos[0]?.value).toBe(promotionId);
    await expect.poll(() => bench.asked("sync")).toBe(1);
  });

  it("is a fault, and not a refusal, while Kubernetes is down", async () => {
    await start();
    bench.simulator.admin.setFaults([{ kind: "backend", k8sDown: true }]);
    await expect(deployer.sync(dev, promotionId)).rejects.toMatchObject({ code: "argocd.denied" });
  });
});
