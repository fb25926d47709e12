import { afterEach, describe, expect, it } from "vitest";

import { loadKey } from "#core/load.ts";
import { askForLoad } from "#flow/ask-for-load.ts";
import type { LoadDriver } from "#ports/load-driver.ts";

import { image, platform as repository, valuesFiles } from "../stage/seed.ts";
import {
  aDrivenPlatform,
  artifact,
  driven,
  file,
  order,
  question,
  type Driven,
} from "./a-driven-platform.ts";
import { aPlatform } from "./a-platform.ts";

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const platform of open.splice(0)) await platform.close();
});

async function start(drive?: LoadDriver["drive"]): Promise<Driven> {
  const platform = await aDrivenPlatform(drive);
  open.push(platform);
  return platform;
}

/** One during whose first load test something happens. */
async function aDisturbedPlatform(disturb: (platform: Driven) => Promise<void>): Promise<Driven> {
  const platform: Driven = await start(async () => {
    if (platform.drives.length === 1) await disturb(platform);
    return driven;
  });
  return platform;
}

describe("a load test", () => {
  it("is ordered once asked for, run by its job, and known from then on", async () => {
    const platform = await start();
    expect(await platform.ask()).toEqual({ kind: "running" });
    expect(await platform.run()).toEqual({ kind: "done" });
    expect(platform.added).toEqual(["load prod", "reconcile acme/platform"]);
    expect(await platform.ask()).toEqual({
      kind: "done",
      record: {
        key: loadKey(order),
        environment: "staging",
        tenant: "tenant-a",
        attempt: 1,
        at: platform.now().toISOString(),
        figures: { ...driven, cpu: 2, memory: 2, network: 2, pods: 2 },
      },
    });
    await platform.run();
    expect(platform.added).toHaveLength(2);
  });

  it("is made again for another head and for other durations, which both are known then", async () => {
    const platform = await start();
    await platform.ask();
    await platform.run();
    expect(await platform.ask({ head: "head-2" })).toEqual({ kind: "running" });
    const longer = { order: { ...order, durationMs: 2000 } };
    expect(await platform.ask(longer)).toEqual({ kind: "running" });
    await platform.run();
    await platform.run();
    for (const change of [{}, { head: "head-2" }, longer])
      expect((await platform.ask(change)).kind).toBe("done");
  });

  it("of one pull request takes nothing from that of another beside it", async () => {
    const platform = await start();
    const beside = { number: 8, head: "head-8" };
    await platform.ask();
    await platform.ask(beside);
    await platform.run();
    await platform.run();
    expect([(await platform.ask()).kind, (await platform.ask(beside)).kind]).toEqual([
      "done",
      "done",
    ]);
    expect(platform.drives).toHaveLength(2);
  });

  it("that was stopped is begun again by whoever takes the job", async () => {
    let runs = 0;
    const platform = await start(async () => {
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

  it("that nobody asks for any more is not begun", async () => {
    const platform = await start();
    await platform.ask();
    platform.at(new Date(platform.now().getTime() + 16 * 60_000));
    await platform.run();
    expect(platform.drives).toEqual([]);
  });

  it("is made again by itself while a bounded figure is missing, ever more seldom", async () => {
    const platform = await start();
    const bounded = { max: { cpu: 1 }, min: {} };
    const later = (minutes: number) =>
      platform.at(new Date(platform.now().getTime() + minutes * 60_000));
    const look = async () => (await platform.ask({ bounds: bounded })).kind;
    platform.prometheus.value = null;
    for (const minutes of [5, 10]) {
      expect(await look()).toBe("running");
      await platform.run();
      expect(await look()).toBe("done");
      later(minutes - 1);
      expect(await look()).toBe("done");
      await platform.run();
      later(1);
    }
    expect(platform.drives).toHaveLength(2);
    platform.prometheus.value = 2;
    expect(await look()).toBe("running");
    await platform.run();
    expect((await platform.record())?.figures.cpu).toBe(2);
    later(10_000);
    // Above its bound: nobody is driven for it again, until somebody asks.
    expect(await look()).toBe("done");
    expect(platform.drives).toHaveLength(3);
  });

  it("needs the setting", async () => {
    const platform = await aPlatform();
    open.push(platform);
    const state = await askForLoad(await platform.context(), question());
    expect(state).toEqual({ kind: "not-configured" });
    expect(platform.added).toEqual([]);
  });
});

describe("what was driven meanwhile", () => {
  it.for<[string, (platform: Driven) => Promise<void>]>([
    ["went away in Git", ({ push }) => push("sha-0000001")],
    [
      "went away and came back",
      async ({ push }) => {
        await push("sha-0000001");
        await push("sha-0000000");
      },
    ],
    [
      "is not what runs any more",
      async ({ live }) => {
        live.images = [`${image}:sha-0000001`];
      },
    ],
    ["is not to be driven any more", async ({ ask }) => void (await ask({ target: null }))],
    ["serves another head", async ({ ask }) => void (await ask({ head: "head-2" }))],
    [
      "serves another artifact",
      async ({ ask }) => void (await ask({ artifact: { ...artifact, tag: "sha-0000009" } })),
    ],
  ])("%s: that counts for nothing", async ([, disturb]) => {
    const platform = await aDisturbedPlatform(disturb);
    await platform.ask();
    await platform.run();
    expect(platform.drives).toEqual(["tenant-a"]);
    expect(await platform.record()).toBeNull();
    expect(platform.added.at(-1)).toBe("reconcile acme/platform");
  });

  it.for<[string, (platform: Driven) => Promise<void>]>([
    [
      "its file was edited elsewhere",
      async ({ github }) => {
        const text = (valuesFiles(["tenant-a"], "sha-0000000", "")[file] ?? "") + "# more\n";
        await github.act.push({ repository, branch: "main", user: "bob", files: { [file]: text } });
      },
    ],
    [
      "other files were",
      async ({ github }) => {
        await github.act.push({ repository, branch: "main", user: "bob", files: { "a.txt": "a" } });
      },
    ],
    [
      "it became unhealthy under the load",
      async ({ live }) => {
        live.health = "Degraded";
      },
    ],
  ])("stood there all the time, although %s", async ([, disturb]) => {
    const platform = await aDisturbedPlatform(disturb);
    await platform.ask();
    await platform.run();
    expect(await platform.record()).not.toBeNull();
  });

  it("is driven again once it came back", async () => {
    const platform = await aDisturbedPlatform(async ({ push }) => {
      await push("sha-0000001");
      await push("sha-0000000");
    });
    await platform.ask();
    await platform.run();
    await platform.ask();
    await platform.run();
    expect(platform.drives).toHaveLength(2);
    expect(await platform.record()).not.toBeNull();
  });
});

describe("what runs there", () => {
  const [right, other] = [`${image}:sha-0000000`, `${image}:sha-0000009`];
  const aPod = (tag: string, reason: string) => ({
    uid: tag,
    kind: "Pod",
    name: tag,
    parents: [],
    images: [tag],
    health: "",
    message: "",
    reason,
  });

  it.for<[string, Partial<Driven["live"]>, number]>([
    ["nothing else", { images: [right] }, 1],
    ["something else", { images: [other] }, 0],
    ["both", { images: [right, other], pods: [aPod(right, "Running"), aPod(other, "Running")] }, 0],
    [
      "both, of which one is over",
      { images: [right, other], pods: [aPod(right, "Running"), aPod(other, "Completed")] },
      1,
    ],
    ["no pod, and the manifests have it", { images: [], manifests: [right] }, 1],
    ["no pod, and the manifests have another", { images: [], manifests: [other] }, 0],
    ["nothing at all", { images: [] }, 0],
  ])("decides whether it is driven: %s", async ([, live, drives]) => {
    const platform = await start();
    Object.assign(platform.live, live);
    await platform.ask();
    await platform.run();
    expect(platform.drives).toHaveLength(drives);
  });

  it("is nobody's to say without an Argo CD", async () => {
    const platform = await start();
    platform.deps.deployers.instance = () => null;
    await platform.ask();
    await platform.run();
    expect(platform.drives).toEqual([]);
  });
});

describe("a load test waits", () => {
  it.for<[string, (platform: Driven) => Promise<void>, string]>([
    [
      "for Git",
      ({ push }) => push("sha-0000001"),
      "Git no longer wants sha-0000000 for tenant-a in staging.",
    ],
    [
      "for what runs",
      async ({ live }) => {
        live.images = [`${image}:sha-0000001`];
      },
      "Argo CD does not show sha-0000000, and nothing else, running for tenant-a in staging now.",
    ],
    [
      "for health",
      async ({ live }) => {
        live.health = "Degraded";
      },
      "sha-0000000 is unhealthy for tenant-a in staging now.",
    ],
  ])("%s, says so, and begins by itself", async ([, disturb, sentence]) => {
    const platform = await start();
    const images = [...platform.live.images];
    await platform.ask();
    await disturb(platform);
    await platform.run();
    expect(platform.drives).toEqual([]);
    // It wakes nobody: the next look asks again.
    expect(platform.added).toEqual(["load prod"]);
    expect(await platform.ask()).toEqual({ kind: "waiting", sentence });
    Object.assign(platform.live, { images, health: "Healthy" });
    await platform.push("sha-0000000");
    await platform.run();
    expect((await platform.ask()).kind).toBe("done");
  });
});
