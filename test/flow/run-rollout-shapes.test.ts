import { afterEach, describe, expect, it } from "vitest";

import {
  startRolloutBench,
  tenantFile,
  type RolloutBench,
  type RolloutBenchOptions,
} from "./rollout-bench.ts";

let bench: RolloutBench;
afterEach(() => bench.close());

async function start(options: RolloutBenchOptions = {}): Promise<void> {
  bench = await startRolloutBench(options);
}

/** What a workload may look like without ever showing a pod of the artifact, or showing others as well. */
describe("images", () => {
  it("of finished jobs are told apart by one look at the tree", async () => {
    await start();
    const image = "ghcr.io/acme/demo-api:sha-0000000";
    bench.simulator.admin.setFaults([{ kind: "workload", outcome: "leftoverJobPod", image }]);
    await bench.until("tenant-0-dev", (app) => app.status.summary.images?.length === 2);
    await bench.promote("sha-0000001", { commit: bench.firstSha });
    expect((await bench.run())?.result).toBe("verified");
    expect(bench.asked("resource-tree")).toBe(1);
  });

  it.for([
    { name: "scaled to zero", each: { defaults: { replicaCount: 0 } } },
    { name: "a CronJob", each: { workloads: [{ name: "demo-api", kind: "CronJob" }] } },
  ])("of $name are read from the live manifests, once", async ({ each }) => {
    await start({ each });
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
    expect(bench.asked("managed-resources")).toBe(1);
  });

  it("that Argo CD's summary leaves out are read from the live manifests", async () => {
    await start();
    bench.simulator.admin.setFaults([{ kind: "workload", outcome: "summaryEmpty" }]);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
  });

  it("that a mirror rewrites on the pods are recognised", async () => {
    await start();
    bench.simulator.admin.setFaults([
      { kind: "workload", outcome: "rewriteImage", image: "mirror.example.com" },
    ]);
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
  });

  it("of a chart that does not read the value fail the rollout, with that as the likely cause", async () => {
    const image = { tagKey: "other.tag" };
    await start({ each: { image, defaults: { other: { tag: "fixed" } } } });
    await bench.promote("sha-0000002");
    const verdict = await bench.run();
    expect(verdict?.result).toBe("failed");
    expect(verdict?.sentence).toContain("Does its chart read the value that the policy names?");
  });
});

describe("an application", () => {
  it("that is suspended is paused, and no success", async () => {
    await start();
    bench.simulator.admin.setFaults([{ kind: "workload", outcome: "suspended" }]);
    await bench.promote("sha-0000002", { timeoutMs: 90_000 });
    expect((await bench.run())?.result).toBe("timed-out");
    expect(bench.settled[0]?.verdict.sentence).toContain("suspended");
  });

  it("with its values in a second source is judged by that source's revision", async () => {
    await start({ each: { multiSource: true } });
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
  });

  it("whose syncs a window forbids says so, automated or not", async () => {
    await start();
    bench.simulator.admin.setSyncWindows([{ kind: "deny", applications: ["*"] }]);
    await bench.promote("sha-0000002");
    await bench.run(() => bench.reports.at(-1)?.targets[0]?.state === "blocked");
    expect(bench.reports.at(-1)?.targets[0]?.sentence).toContain("A sync window keeps Argo CD");
  });

  it("that Argo CD is told to ignore names the annotation, and no refresh hangs on it", async () => {
    await start();
    const annotations = { "argocd.argoproj.io/skip-reconcile": "true" };
    bench.simulator.admin.editApp("tenant-0-dev", { annotations });
    // Lists lag behind.
    await bench.sleep(5_000);
    await bench.promote("sha-0000002");
    await bench.tick();
    expect(bench.reports[0]?.targets[0]?.sentence).toContain("skip-reconcile");
    expect(bench.asked("refresh")).toBe(0);
  });

  it("that cannot be rendered is blocked with Argo CD's reason, and heals with the next commit", async () => {
    await start();
    const assignment = await bench.promote("sha-0000002");
    const broken = { "broken.yaml": "x" };
    const file = tenantFile(0);
    const text = "image:\n  repository: ghcr.io/acme/demo-api\n  tag: sha-0000002\n  broken: [\n";
    await bench.repository.commit({ ...broken, [file]: text });
    await bench.run(() => bench.reports.at(-1)?.targets[0]?.state === "blocked");
    expect(bench.reports.at(-1)?.targets[0]?.sentence).toContain("ComparisonError");
    const good = "image:\n  repository: ghcr.io/acme/demo-api\n  tag: sha-0000002\n";
    const commit = await bench.repository.commit({ [file]: good });
    await bench.assign({ ...assignment, commit });
    expect((await bench.run())?.result).toBe("verified");
  });
});

describe("many tenants", () => {
  const tenants = 60;

  it("cost one list a tick, one refresh and at most three reads each, ten at a time", async () => {
    await start({ tenants });
    await bench.promote("sha-0000002");
    expect((await bench.run())?.result).toBe("verified");
    const requests = bench.simulator.admin.requests();
    const perApp = Map.groupBy(
      requests.filter(({ operation }) => ["get", "refresh"].includes(operation)),
      ({ app }) => app ?? "",
    );
    expect(perApp.size).toBe(tenants);
    for (const [, asked] of perApp) expect(asked.length).toBeLessThanOrEqual(4);
    expect(bench.asked("sync") + bench.asked("resource-tree")).toBe(0);
    expect(bench.settled[0]?.verdict.tenants.length).toBe(tenants);
  });
});
