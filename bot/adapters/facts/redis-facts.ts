import type { Cluster, Redis } from "ioredis";

import { Fault } from "#core/error.ts";
import type { Facts } from "#ports/facts.ts";

import { assertKey, compareAndSwap } from "./fact-key.ts";
import { deleteScript, listScript, readScript, writeScript } from "./redis-facts-scripts.ts";

/**
 * Facts in three keys: the values (hash), their names in order (sorted set, all of score 0) and their expiry (sorted
 * set). Every access is one script, so a list is what stood there at one moment; SCAN could not promise that.
 * The prefix must carry a hash tag, so that a cluster keeps the three in one place.
 */
export function redisFacts(client: Redis | Cluster, prefix: string): Facts {
  const keys = [`${prefix}:facts`, `${prefix}:facts:names`, `${prefix}:facts:expiry`] as const;

  async function run(script: string, values: readonly (string | number)[]): Promise<unknown> {
    try {
      return await client.eval(script, keys.length, ...keys, ...values);
    } catch (error) {
      throw new Fault("facts.unavailable", "The Redis of the facts does not answer.", {
        retryable: true,
        cause: error,
      });
    }
  }

  async function read(key: string): Promise<string | null> {
    return (await run(readScript, [key])) as string | null;
  }

  async function write(
    key: string,
    value: string,
    ttlMs: number | undefined,
    expected: { text: string | null } | null,
  ): Promise<boolean> {
    const mode = expected === null ? "any" : expected.text === null ? "absent" : "equal";
    const written = await run(writeScript, [key, value, ttlMs ?? 0, mode, expected?.text ?? ""]);
    return written === 1;
  }

  return {
    get: async <T>(key: string) => {
      const text = await read(assertKey(key));
      return text === null ? null : (JSON.parse(text) as T);
    },
    set: async (key, value, options) => {
      await write(assertKey(key), JSON.stringify(value), options?.ttlMs, null);
    },
    delete: async (names) => {
      if (names.length > 0) await run(deleteScript, names);
    },
    list: async <T>(start: string) => {
      const flat = (await run(listScript, [start])) as string[];
      const entries = new Map<string, T>();
      for (let at = 0; at < flat.length; at += 2) {
        entries.set(flat[at] ?? "", JSON.parse(flat[at + 1] ?? "null") as T);
      }
      return entries;
    },
    update: (key, change, options) =>
      compareAndSwap(change, {
        read: () => read(assertKey(key)),
        swap: (from, to) => write(key, to, options?.ttlMs, { text: from }),
      }),
  };
}
