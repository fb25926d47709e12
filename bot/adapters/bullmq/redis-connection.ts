import { Cluster, Redis } from "ioredis";
import type { RedisOptions } from "ioredis";

import { Fault } from "#core/error.ts";

export type RedisClient = Redis | Cluster;

/** How one connection behaves while Redis is slow or away. */
export type RedisManners = Pick<
  RedisOptions,
  "enableOfflineQueue" | "maxRetriesPerRequest" | "commandTimeout" | "socketTimeout"
>;

/** Attempts to reconnect follow each other closely: the queue is what everything waits for. */
function reconnectDelay(times: number): number {
  return Math.min(50 * times, 500);
}

/** A client that reconnects for ever; what happens to commands meanwhile is for the manners to say. */
export function connectRedis(
  url: string,
  cluster: boolean,
  manners: RedisManners,
  onError: (error: unknown) => void,
): RedisClient {
  const { enableOfflineQueue = true, ...perNode } = manners;
  const common = { ...perNode, connectTimeout: 2_000, keepAlive: 10_000 };
  const client = cluster
    ? new Cluster([url], {
        // Without this queue a cluster's own check of itself is refused, and it never gets ready.
        enableOfflineQueue: true,
        clusterRetryStrategy: reconnectDelay,
        slotsRefreshTimeout: 2_000,
        redisOptions: { ...common, ...credentialsOf(url) },
      })
    : new Redis(url, { ...common, enableOfflineQueue, retryStrategy: reconnectDelay });
  client.on("error", onError);
  return client;
}

/** One `INFO`, on a connection of its own that is not tried twice. */
export async function readRedisInfo(url: string): Promise<ReadonlyMap<string, string>> {
  const probe = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: unknown;
  probe.on("error", (error: unknown) => {
    reason = error;
  });
  try {
    await probe.connect();
    return parseInfo(await probe.info());
  } catch (error) {
    throw unreachable(reason ?? error);
  } finally {
    probe.disconnect();
  }
}

/** The nodes that a cluster names itself know neither our user nor our TLS: both come from the URL. */
function credentialsOf(text: string): Pick<RedisOptions, "username" | "password" | "tls"> {
  const url = new URL(text);
  return {
    ...(url.username === "" ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === "" ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === "rediss:" ? { tls: {} } : {}),
  };
}

function parseInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).filter((line) => line.includes(":"));
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
}

function unreachable(cause: unknown): Fault {
  const message = cause instanceof Error ? cause.message : "";
  if (/NOAUTH|WRONGPASS|NOPERM|invalid username-password/.test(message)) {
    return new Fault(
      "queue.redis-refuses",
      "Redis refuses the user or password in REDIS_URL. Correct them, and allow the user INFO and all commands on keys that start with {sluice}.",
      { retryable: false, cause },
    );
  }
  return new Fault(
    "queue.unavailable",
    "The Redis of REDIS_URL cannot be reached. Check that it runs and that the address is right.",
    {
      retryable: true,
      cause,
    },
  );
}
