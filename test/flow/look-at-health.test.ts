import { afterEach, describe, expect, it } from "vitest";

import { lookAtHealth } from "#flow/look-at-health.ts";

import { startRolloutBench, type RolloutBench } from "./rollout-bench.ts";

let bench: RolloutBench;
afterEach(() => bench.close());

async function look(options: { instance?: string; none?: boolean } = {}) {
  const { targets, artifact } = await bench.promote("sha-0000001", { commit: bench.firstSha });
  return lookAtHealth(bench.deps, {
    instance: options.instance ?? "default",
    targets: options.none === true ? [] : targets,
    artifact,
  });
}

describe("lookAtHealth", () => {
  it("says healthy of what is, with one list", async () => {
    bench = await startRolloutBench({ tenants: 3 });
    expect(await look()).toEqual({ kind: "healthy" });
    expect(bench.simulator.admin.requests().map(({ operation }) => operation)).toEqual(["list"]);
  });

  it("names who is degraded, after a second look", async () => {
    bench = await startRolloutBench({ tenants: 2, timings: { progressDeadline: 2_000 } });
    bench.simulator.admin.setImageRules([
      { match: "sha-0000002", outcome: "crashLoop", app: "tenant-1" },
    ]);
    await bench.promote("sha-0000002");
    await bench.run(() => bench.reports.at(-1)?.targets[1]?.state === "degraded");
    await bench.sleep(3_000);
    expect(await look()).toEqual({
      kind: "unhealthy",
      tenants: ["tenant-1"],
      sentence: "tenant-1 is unhealthy in Argo CD (tenant-1-dev).",
    });
  });

  it("names who has no application", async () => {
    bench = await startRolloutBench();
    bench.simulator.admin.removeApp("tenant-0-dev");
    await bench.sleep(3_000);
    expect(await look()).toEqual({
      kind: "unhealthy",
      tenants: ["tenant-0"],
      sentence: "tenant-0 has no application tenant-0-dev in Argo CD instance default.",
    });
  });

  it("never says healthy where it cannot know", async () => {
    bench = await startRolloutBench();
    expect(await look({ instance: "prod" })).toMatchObject({ kind: "unknown" });
    expect(await look({ none: true })).toMatchObject({ kind: "unknown" });
    await bench.sleep(3_000);
    const path = "/api/v1/";
    bench.simulator.admin.setFaults([{ kind: "http", path, effect: { type: "reset" } }]);
    expect(await look()).toMatchObject({ kind: "unknown" });
  });
});
