import { afterEach, describe, expect, it } from "vitest";

import type { Bench } from "./test-bench.ts";
import { isSettled, poll, startBench, values } from "./test-bench.ts";

let bench: Bench;
afterEach(() => bench.close());

const DEV = "gitops/tenants/tenant-a/dev.yaml";
const APPS = [
  {
    name: "tenant-a-dev",
    project: "dev",
    tenant: "tenant-a",
    environment: "dev",
    valueFiles: [DEV],
  },
];

async function greeting(path = "/"): Promise<Record<string, unknown>> {
  const response = await fetch(`${bench.simulator.control}/_sim/apps/tenant-a-dev/proxy${path}`);
  return (await response.json()) as Record<string, unknown>;
}

function processOf(): number | undefined {
  return bench.simulator.admin.apps()[0]?.port;
}

describe("real instances of the service", () => {
  it("deploys the tag as a process that is ready, and replaces it without a gap", async () => {
    bench = await startBench({ apps: APPS, service: "real" });
    await bench.until("tenant-a-dev", isSettled);
    expect(await greeting()).toMatchObject({ tenant: "tenant-a", version: "sha-0000001" });
    const before = processOf();

    const sha = await bench.repository.commit({
      [DEV]: values("sha-0000002", "env:\n  GREETING: Moin\n"),
    });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    await bench.until("tenant-a-dev", (app) => isSettled(app, sha));
    await poll(() => greeting()).toMatchObject({
      version: "sha-0000002",
      message: "Moin, tenant-a",
    });
    expect(processOf()).not.toBe(before);
    await poll(() =>
      fetch(`http://127.0.0.1:${before}/health`).then(
        () => "up",
        () => "down",
      ),
    ).toBe("down");
  });

  it("keeps the old instance while a new one crashes", async () => {
    bench = await startBench({
      apps: APPS,
      service: "real",
      timings: { progressDeadline: 10_000 },
      imageRules: [{ match: ":crash-", outcome: "crashLoop" }],
    });
    await bench.until("tenant-a-dev", isSettled);
    await bench.repository.commit({ [DEV]: values("crash-1") });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    await bench.until("tenant-a-dev", (app) => app.status.health.status === "Degraded");
    expect(await greeting()).toMatchObject({ version: "sha-0000001" });
  });

  it("fails requests for real where the rule says so", async () => {
    bench = await startBench({
      apps: APPS,
      service: "real",
      imageRules: [{ match: ".", outcome: "errors", failRate: 1 }],
    });
    await bench.until("tenant-a-dev", isSettled);
    await poll(() => greeting()).toMatchObject({ error: "made to fail by FAIL_RATE" });
  });
});
