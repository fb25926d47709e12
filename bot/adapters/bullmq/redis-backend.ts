import { Queue, Worker } from "bullmq";
import type { ConnectionOptions } from "bullmq";
import { Redis } from "ioredis";

import { Fault } from "#core/error.ts";
import type { Facts } from "#ports/facts.ts";
import type { QueueName } from "#ports/job-queue.ts";

import { redisFacts } from "../facts/redis-facts.ts";
import type { Envelope } from "./envelope.ts";
import { gatherWrites } from "./gather-writes.ts";
import type { QueueBackend } from "./queue-backend.ts";
import { queueDefaults, workerDefaults } from "./queue-defaults.ts";
import { checkRedis } from "./redis-check.ts";
import { connectRedis } from "./redis-connection.ts";
import type { RedisClient } from "./redis-connection.ts";

/** The hash tag keeps everything in one slot, as scripts over several keys need on a cluster. */
const defaultPrefix = "{sluice}";

const deliveryDeadlineMs = 800;

type Connections = { adding: RedisClient; working: RedisClient; remembering: RedisClient };

/**
 * Jobs and facts in Redis or Valkey. Deliveries have a connection of their own that fails at once while Redis is away;
 * workers keep theirs and wait. `onWarning` hears of settings that endanger jobs.
 */
export function redisBackend(
  url: string,
  options: {
    prefix?: string;
    onError: (error: unknown) => void;
    onWarning: (sentence: string) => void;
  },
): QueueBackend {
  const prefix = options.prefix ?? defaultPrefix;
  let open: Connections | null = null;
  let facts: Facts | null = null;

  function connections(): Connections {
    if (open !== null) return open;
    throw new Fault("queue.unavailable", "Redis has not been reached yet.", { retryable: true });
  }

  function connect(cluster: boolean): Connections {
    const adding = connectRedis(
      url,
      cluster,
      { enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: deliveryDeadlineMs },
      options.onError,
    );
    if (adding instanceof Redis) gatherWrites(adding);
    return {
      adding,
      // The longest blocking read takes 10 s: silence beyond 15 s is a dead connection.
      working: connectRedis(
        url,
        cluster,
        { maxRetriesPerRequest: null, socketTimeout: 15_000 },
        options.onError,
      ),
      remembering: connectRedis(
        url,
        cluster,
        { maxRetriesPerRequest: 2, commandTimeout: 5_000 },
        options.onError,
      ),
    };
  }

  function currentFacts(): Facts {
    facts ??= redisFacts(connections().remembering, prefix);
    return facts;
  }

  const followerKey = (name: QueueName, id: string): string => `${prefix}:${name}:dn:${id}`;

  return {
    kind: "redis",
    deliveryDeadlineMs,
    facts: {
      get: async (key) => currentFacts().get(key),
      set: async (key, value, with_) => currentFacts().set(key, value, with_),
      delete: async (keys) => currentFacts().delete(keys),
      list: async (start) => currentFacts().list(start),
      update: async (key, change, with_) => currentFacts().update(key, change, with_),
    },
    prepare: async () => {
      const { cluster } = await checkRedis(url, options.onWarning);
      open ??= connect(cluster);
    },
    ping: async () => {
      await connections().adding.ping();
    },
    createQueue: (name) =>
      new Queue<Envelope, unknown>(name, {
        ...queueDefaults(name),
        connection: asConnection(connections()[name === "deliveries" ? "adding" : "working"]),
        prefix,
      }),
    createWorker: (name, processor, tuning) =>
      new Worker<Envelope, unknown>(name, processor, {
        ...workerDefaults(tuning),
        connection: asConnection(connections().working),
        prefix,
      }),
    alone: (_key, add) => add(),
    hasFollower: async (name, id) =>
      (await connections().working.exists(followerKey(name, id))) === 1,
    takeFollower: async (name, id) =>
      (await connections().working.del(followerKey(name, id))) === 1,
    close: async () => {
      if (open === null) return;
      for (const client of Object.values(open)) client.disconnect();
      await Promise.resolve();
    },
  };
}

/** BullMQ is typed against its own copy of ioredis' types. */
function asConnection(client: RedisClient): ConnectionOptions {
  return client as unknown as ConnectionOptions;
}
