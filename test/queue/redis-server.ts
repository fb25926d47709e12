import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Redis } from "ioredis";

export type RedisServer = {
  readonly url: string;
  readonly process: ChildProcess;
  /** One command on a connection of its own. */
  readonly command: (...words: string[]) => Promise<unknown>;
  readonly kill: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export function hasRedisServer(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

/** A port of the loopback that was free a moment ago: redis-server cannot be told to choose one. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** A real Redis on the loopback without persistence: killed, it has forgotten everything. */
export async function startRedis(...extra: string[]): Promise<RedisServer> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "sluice-redis-"));
  const url = `redis://127.0.0.1:${port}`;

  async function launch(): Promise<ChildProcess> {
    const child = spawn(
      "redis-server",
      ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"].concat(
        ["--dir", directory, "--maxmemory-policy", "noeviction"],
        extra,
      ),
      { stdio: "ignore" },
    );
    while ((await command("PING").catch(() => null)) !== "PONG") await pause(20);
    return child;
  }

  async function command(...words: string[]): Promise<unknown> {
    const client = new Redis(url, {
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    client.on("error", () => undefined);
    try {
      await client.connect();
      const [name = "PING", ...values] = words;
      return await client.call(name, ...values);
    } finally {
      client.disconnect();
    }
  }

  async function kill(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  }

  let server = await launch();
  return {
    url,
    get process() {
      return server;
    },
    command,
    kill,
    restart: async () => {
      await kill();
      server = await launch();
    },
    stop: async () => {
      await kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
