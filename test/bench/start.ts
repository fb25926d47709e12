import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { freePort, startRedis } from "../queue/redis-server.ts";
import { startProgram } from "../stage/start-process.ts";
import { median, type BenchContext, type Figure, type Part } from "./figure.ts";
import { loneBotEnvironment } from "./lone-bot.ts";
import { residentMemory } from "./resident.ts";

const mainFile = resolve(import.meta.dirname, "../../bot/main.ts");
const rounds = 5;
/** After this long nothing of the start is under way any more, milliseconds. */
const idleAfter = 3_000;

/** From the start of the process to its first 200 of /readyz, and what it then takes. */
export const start: Part = {
  name: "start",
  about: "from the start of the process to the first 200 of /readyz, and memory with nothing to do",
  measure: async (context) => [
    ...(await onRedis(context)),
    ...(await embedded(context, await mkdtemp(join(tmpdir(), "sluice-bench-")))),
  ],
};

async function onRedis({ redis, progress }: BenchContext): Promise<readonly Figure[]> {
  if (redis === null) throw new Error("there is no redis-server here");
  const server = await startRedis();
  try {
    const env = { ...loneBotEnvironment(), REDIS_URL: server.url };
    const times: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      progress(`with Redis, start ${round + 1} of ${rounds}`);
      times.push((await startOnce(env)).milliseconds);
    }
    progress("with Redis, idle");
    const { memory } = await startOnce(env, idleAfter);
    return [
      milliseconds("start with Redis", median(times)),
      { what: "resident, idle with Redis", value: memory, unit: "MiB", bound: { atMost: 200 } },
    ];
  } finally {
    await server.stop();
  }
}

async function embedded({ progress }: BenchContext, directory: string): Promise<readonly Figure[]> {
  try {
    const first: number[] = [];
    const later: number[] = [];
    const env = loneBotEnvironment();
    for (let round = 0; round < 3; round += 1) {
      progress(`embedded queue, start ${round + 1} of 3`);
      const own = { ...env, DATA_DIR: join(directory, String(round)) };
      first.push((await startOnce(own)).milliseconds);
      later.push((await startOnce(own)).milliseconds);
    }
    progress("embedded queue, idle");
    const { memory } = await startOnce({ ...env, DATA_DIR: join(directory, "0") }, idleAfter);
    return [
      milliseconds("first start with the embedded queue", median(first)),
      milliseconds("later start with the embedded queue", median(later)),
      {
        what: "resident, idle with the embedded queue",
        value: memory,
        unit: "MiB",
        bound: null,
      },
    ];
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function milliseconds(what: string, value: number): Figure {
  return { what, value, unit: "ms", bound: null };
}

async function startOnce(
  env: Readonly<Record<string, string>>,
  stayMs = 0,
): Promise<{ milliseconds: number; memory: number }> {
  const port = await freePort();
  const started = performance.now();
  const { program } = await startProgram(mainFile, [], {
    env: { ...env, HOST: "127.0.0.1", PORT: String(port) },
    // Asked from the first moment on: the line that it listens comes before or after.
    accept: () => true,
  });
  try {
    await ready(`http://127.0.0.1:${port}/readyz`, started);
    const time = performance.now() - started;
    await pause(stayMs);
    return { milliseconds: time, memory: residentMemory(program.child.pid ?? 0).now };
  } finally {
    await program.stop();
  }
}

async function ready(url: string, started: number): Promise<void> {
  while (performance.now() - started < 60_000) {
    try {
      const { status } = await fetch(url);
      if (status === 200) return;
    } catch {
      // It does not listen yet.
    }
    await pause(5);
  }
  throw new Error(`${url} did not turn 200 within a minute`);
}
