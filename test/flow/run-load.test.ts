import { afterEach, describe, expect, it } from "vitest";

import type { GateQuestion } from "#core/gate-question.ts";
import { loadKey } from "#core/load.ts";
import { askForLoad } from "#flow/ask-for-load.ts";
import { remember } from "#flow/remember.ts";
import { runLoad } from "#flow/run-load.ts";
import type { LoadDriver } from "#ports/load-driver.ts";

import { anArtifact } from "../builders.ts";
import { loadFigures } from "../core/load-figures.ts";
import { aPlatform } from "./a-platform.ts";

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const platform of open.splice(0)) await platform.close();
});

const stream = { environment: "prod", service: "demo-api", ring: "all" };
const order = { durationMs: 1000, warmUpMs: 0, connections: 2, paths: ["/"] };
const { cpu: _cpu, memory: _memory, network: _network, pods: _pods, ...driven } = loadFigures;

function question(change: Partial<Extract<GateQuestion, { kind: "load" }>> = {}) {
  const upstream = { environment: "staging", tenant: "tenant-a" };
  return {
    kind: "load",
    stream,
    artifact: anArtifact("v2"),
    head: "head-1",
    upstream,
    order,
    ...change,
  } as const;
}

/** A platform whose services are driven by `drive`. */
async function aDrivenPlatform(drive: LoadDriver["drive"] = async () => driven, value = 2) {
  const platform = await aPlatform();
  open.push(platform);
  const deps = {
    ...platform.deps,
    load: { configured: true, drive },
    measurements: { measure: async () => ({ kind: "value", value }) as const },
  };
  const context = async () => ({ ...(await platform.context()), deps });
  const job = { ...platform.job, ...stream };
  const run = { jobId: "loads/1", attempt: 0, signal: new AbortController().signal };
  return {
    ...platform,
    deps,
    memory: () => remember(deps.facts, platform.job.repository),
    ask: async (change = {}) => askForLoad(await context(), question(change)),
    run: () => runLoad(deps, job, run),
  };
}

describe("a load test", () => {
  it("is ordered once asked for, run by its job, and known from then on", async () => {
    const platform = await aDrivenPlatform();
    expect(await platform.ask()).toEqual({ kind: "running" });
    expect(await platform.run()).toEqual({ kind: "done" });
    expect(platform.added).toEqual(["load prod", "reconcile acme/platform"]);
    expect(await platform.ask()).toEqual({
      kind: "done",
      record: {
        key: loadKey(order),
        environment: "staging",
        tenant: "tenant-a",
        figures: { ...driven, cpu: 2, memory: 2, network: 2, pods: 2 },
      },
    });
    await platform.run();
    expect(platform.added).toHaveLength(2);
  });

  it("is made again for another head and for other durations", async () => {
    const platform = await aDrivenPlatform();
    await platform.ask();
    await platform.run();
    expect(await platform.ask({ head: "head-2" })).toEqual({ kind: "running" });
    const longer = { order: { ...order, durationMs: 2000 } };
    expect(await platform.ask(longer)).toEqual({ kind: "running" });
  });

  it("that was stopped is begun again by whoever takes the job", async () => {
    let runs = 0;
    const platform = await aDrivenPlatform(async () => {
      runs += 1;
      if (runs === 1) throw new Error("the load test was stopped");
      return driven;
    });
    await platform.ask();
    await expect(platform.run()).rejects.toThrow("stopped");
    expect(await platform.ask()).toEqual({ kind: "running" });
    await platform.run();
    expect((await platform.ask()).kind).toBe("done");
  });

  it("counts for nothing once something else runs there", async () => {
    const platform: Awaited<ReturnType<typeof aDrivenPlatform>> = await aDrivenPlatform(
      async () => {
        await platform.ask({ upstream: { environment: "staging", tenant: null } });
        return driven;
      },
    );
    await platform.ask();
    await platform.run();
    expect(await platform.memory().load("head-1")).toBeNull();
    expect(platform.added).toEqual(["load prod"]);
  });

  it("whose order changed meanwhile is run by the new one", async () => {
    const platform: Awaited<ReturnType<typeof aDrivenPlatform>> = await aDrivenPlatform(
      async () => {
        await platform.ask({ head: "head-2" });
        return driven;
      },
    );
    await platform.ask();
    await platform.run();
    expect(platform.added).toEqual(["load prod", "load prod", "load prod"]);
    expect(await platform.memory().load("head-1")).toBeNull();
  });

  it("needs the setting", async () => {
    const platform = await aPlatform();
    open.push(platform);
    const state = await askForLoad(await platform.context(), question());
    expect(state).toEqual({ kind: "not-configured" });
    expect(platform.added).toEqual([]);
  });
});
