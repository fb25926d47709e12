import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { redisFacts } from "#adapters/facts/redis-facts.ts";
import { remember } from "#flow/remember.ts";

import { hasRedisServer, startRedis, type RedisServer } from "./redis-server.ts";

describe.skipIf(!hasRedisServer())("what is found out again", () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url);
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  const look = () => remember(redisFacts(client, "{a}"), "acme/platform");

  it("is complete once, for everybody", async () => {
    const first = look();
    expect(await first.recovered()).toBe(false);
    await first.setRecovered();
    expect(await look().recovered()).toBe(true);
  });

  it("is not complete when the facts were emptied meanwhile", async () => {
    await client.flushall();
    const first = look();
    expect(await first.recovered()).toBe(false);
    await client.flushall();
    await first.setRecovered();
    expect(await look().recovered()).toBe(false);
  });

  it("is not complete when somebody else began after that", async () => {
    await client.flushall();
    const [first, second] = [look(), look()];
    await first.recovered();
    await client.flushall();
    await second.recovered();
    await first.setRecovered();
    expect(await look().recovered()).toBe(false);
  });
});
