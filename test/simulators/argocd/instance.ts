import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import type { ImageRule } from "./image-rule.ts";
import type { LiveWorkload } from "./live.ts";
import { readWorkload } from "./manifests.ts";
import type { RealInstance, World } from "./world.ts";

const SERVICE = fileURLToPath(new URL("../../../service/main.ts", import.meta.url));
const POLL_MS = 100;
const WATCH_MS = 1_000;
const STOP_MS = 5_000;

/** A pod's process, as far as there is one: without real instances it is ready at once. */
export type Started = {
  /** Settles once the process answers `/readyz` with 200, or with false when it never will. */
  ready(): Promise<boolean>;
  /** Makes it the one that serves and stops the one before. */
  takeOver(): Promise<void>;
};

export function startInstance(
  world: World,
  app: string,
  workload: LiveWorkload,
  rule: ImageRule | undefined,
): Started {
  if (world.service === "simulated") {
    return { ready: () => Promise.resolve(true), takeOver: () => Promise.resolve() };
  }
  const key = `${app}/${workload.name}`;
  void world.candidates.get(key)?.stop();
  world.candidates.delete(key);
  let instance: RealInstance | undefined;

  function begin(): RealInstance {
    if (instance === undefined) {
      instance = launch(environmentOf(world, app, workload, rule));
      world.candidates.set(key, instance);
    }
    return instance;
  }

  // An image that cannot be pulled starts no process.
  if (rule?.outcome !== "pullBackOff" && rule?.outcome !== "healAfter") begin();
  return {
    async ready() {
      const started = begin();
      while (!started.exited && !world.scheduler.stopped) {
        if (await isReady(started.port)) return true;
        await realTime(POLL_MS);
      }
      return false;
    },
    async takeOver() {
      const started = begin();
      const before = world.instances.get(key);
      world.instances.set(key, started);
      world.candidates.delete(key);
      if (before !== started) await before?.stop();
      watch(world, app, workload, key, started);
    },
  };
}

export async function stopInstance(world: World, app: string, workload: string): Promise<void> {
  const key = `${app}/${workload}`;
  const running = [world.instances.get(key), world.candidates.get(key)];
  world.instances.delete(key);
  world.candidates.delete(key);
  await Promise.all(running.flatMap((instance) => instance?.stop() ?? []));
}

export async function stopAllInstances(world: World): Promise<void> {
  const all = [...world.instances.values(), ...world.candidates.values()];
  world.instances.clear();
  world.candidates.clear();
  await Promise.all(all.map((instance) => instance.stop()));
}

function environmentOf(
  world: World,
  app: string,
  workload: LiveWorkload,
  rule: ImageRule | undefined,
): Record<string, string> {
  const config = world.states.get(app)?.config;
  const container = readWorkload(workload.manifest).pod.containers[0]!;
  const image = container.image.split("@")[0]!;
  const environment: Record<string, string> = {};
  for (const { name, value } of container.env ?? []) environment[name] = value;
  environment["TENANT_NAME"] = config?.tenant ?? app;
  environment["ENVIRONMENT"] = config?.environment ?? "dev";
  environment["VERSION"] = image.slice(image.lastIndexOf(":") + 1);
  environment["PORT"] = "0";
  environment["HOST"] = "127.0.0.1";
  if (rule?.outcome === "crashLoop") environment["FAIL_RATE"] = "crash";
  if (rule?.outcome === "errors") environment["FAIL_RATE"] = String(rule.failRate ?? 0.5);
  if (rule?.outcome === "slow") {
    const delay = (rule.ms ?? 15_000) / world.scheduler.speed / 1_000;
    environment["READINESS_DELAY_SEC"] = String(delay);
  }
  return environment;
}

function launch(environment: Record<string, string>): RealInstance {
  const child = spawn(process.execPath, [SERVICE], {
    env: { PATH: process.env["PATH"], ...environment },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const instance: RealInstance = {
    port: 0,
    pid: child.pid,
    exited: false,
    stop() {
      if (instance.exited) return Promise.resolve();
      return new Promise((resolve) => {
        const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
        child.once("exit", () => {
          clearTimeout(force);
          resolve();
        });
        child.kill("SIGTERM");
      });
    },
  };
  child.once("exit", () => {
    instance.exited = true;
  });
  child.once("error", () => {
    instance.exited = true;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const port = /"msg":"listening".*"port":(\d+)|"port":(\d+).*"msg":"listening"/.exec(line);
    if (port !== null) instance.port = Number(port[1] ?? port[2]);
  });
  return instance;
}

async function isReady(port: number): Promise<boolean> {
  if (port === 0) return false;
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, {
      signal: AbortSignal.timeout(1_000),
    });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** The kubelet's readiness probe: three failures in a row take the pods out. */
function watch(
  world: World,
  app: string,
  workload: LiveWorkload,
  key: string,
  instance: RealInstance,
): void {
  let failures = 0;
  const probe = async () => {
    if (world.scheduler.stopped || world.instances.get(key) !== instance) return;
    failures = (await isReady(instance.port)) ? 0 : failures + 1;
    const ready = failures === 0 ? true : failures >= 3 ? false : undefined;
    if (ready === false) setReady(world, app, workload, false);
    setTimeout(() => void probe(), WATCH_MS).unref();
  };
  setTimeout(() => void probe(), WATCH_MS).unref();
}

function setReady(world: World, app: string, workload: LiveWorkload, ready: boolean): void {
  const pods = workload.pods.filter((pod) => pod.template === workload.template);
  if (pods.every((pod) => pod.ready === ready)) return;
  for (const pod of pods) pod.ready = ready;
  world.requestRefresh(app, 1);
}

function realTime(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
