import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Server } from "node:net";

import { describe, expect, it } from "vitest";

import { openQueue } from "#adapters/bullmq/open-queue.ts";
import { checkRedis } from "#adapters/bullmq/redis-check.ts";

import { quietDeps } from "./quiet.ts";
import { hasRedisServer, startRedis } from "./redis-server.ts";
import { openStage } from "./stage.ts";

/** Answers INFO with the given lines and everything else with OK: enough of a Redis to be looked at. */
async function infoServer(...lines: string[]): Promise<{ url: string; server: Server }> {
  const text = `${lines.join("\r\n")}\r\n`;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (data) => {
      for (const command of data
        .toString()
        .toLowerCase()
        .match(/\$\d+\r\n(info|client|hello|select)\r\n/g) ?? []) {
        socket.write(command.includes("info") ? `$${text.length}\r\n${text}\r\n` : "+OK\r\n");
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe("a Redis is looked at before it is trusted", () => {
  it.for([
    [["redis_version:5.0.14"], "queue.redis-too-old", "Upgrade to 6.2"],
    [["redis_version:6.0.16"], "queue.redis-too-old", "Upgrade to 6.2"],
    [["redis_version:unknown"], "queue.redis-too-old", "too old"],
    [
      ["redis_version:7.2.4", "maxmemory:1048576", "maxmemory_policy:allkeys-lru"],
      "queue.redis-evicts",
      "Set maxmemory-policy to noeviction",
    ],
    [["redis_version:7.2.4", "role:slave"], "queue.unavailable", "Point REDIS_URL to the primary"],
  ] as const)("refuses %j", async ([lines, code, remedy]) => {
    const { url, server } = await infoServer(...lines);
    const refusal = checkRedis(url, () => undefined);
    await expect(refusal).rejects.toMatchObject({ code });
    await expect(refusal).rejects.toThrow(remedy);
    server.close();
  });

  it("warns of an eviction policy that has nothing to evict for yet", async () => {
    const { url, server } = await infoServer(
      "redis_version:7.2.4",
      "maxmemory:0",
      "maxmemory_policy:allkeys-lru",
      "cluster_enabled:1",
    );
    const warnings: string[] = [];
    expect(await checkRedis(url, (sentence) => warnings.push(sentence))).toEqual({ cluster: true });
    expect(warnings).toEqual([
      "Redis has maxmemory-policy allkeys-lru and would drop jobs when its memory is full. Set maxmemory-policy to noeviction.",
    ]);
    server.close();
  });
});

describe.skipIf(!hasRedisServer())("a real Redis", () => {
  it("that would evict jobs is refused at the start", async () => {
    const server = await startRedis("--maxmemory", "64mb", "--maxmemory-policy", "volatile-lru");
    const opening = openQueue({ kind: "redis", url: server.url }, quietDeps());
    await expect(opening).rejects.toMatchObject({ code: "queue.redis-evicts", retryable: false });
    await server.stop();
  });

  it("that wants a password says so", async () => {
    const server = await startRedis();
    await server.command("CONFIG", "SET", "requirepass", "correct horse");
    const opening = openQueue({ kind: "redis", url: server.url }, quietDeps());
    await expect(opening).rejects.toMatchObject({ code: "queue.redis-refuses" });
    const url = server.url.replace("//", "//:correct%20horse@");
    const stage = await openStage({ kind: "redis", url });
    await stage.open.ready();
    await stage.close();
    await server.stop();
  });
});
