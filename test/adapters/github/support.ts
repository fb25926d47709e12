import { generateKeyPairSync } from "node:crypto";

import type { Clock } from "#ports/clock.ts";
import type { Facts } from "#ports/facts.ts";
import type { Log, Tracer } from "#ports/log.ts";
import type { Meter } from "#ports/meter.ts";

export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

export const noTracer: Tracer = {
  span: async (_name, _attributes, work) => work(),
  traceparent: () => undefined,
  continue: async (_traceparent, work) => work(),
};

export const noMeter: Meter = {
  count: () => undefined,
  observe: () => undefined,
  set: () => undefined,
  reset: () => undefined,
};

export const systemClock: Clock = { now: () => new Date() };

let key: string | undefined;

/** A private key for signing App tokens; one for the whole run, making one takes a while. */
export function newKey(): string {
  key ??= generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  }).privateKey;
  return key;
}

/** Facts in memory. Values go through JSON, as they do in every real one. */
export function memoryFacts(): Facts {
  const entries = new Map<string, string>();
  const read = (name: string): unknown => JSON.parse(entries.get(name) ?? "null");
  return {
    get: async <T>(name: string) => read(name) as T | null,
    set: async (name, value) => void entries.set(name, JSON.stringify(value)),
    delete: async (names) => {
      for (const name of names) entries.delete(name);
    },
    list: async <T>(prefix: string) =>
      new Map(
        [...entries.keys()]
          .filter((name) => name.startsWith(prefix))
          .map((name) => [name, read(name) as T]),
      ),
    update: async <T>(name: string, change: (current: T | null) => T | undefined) => {
      const current = read(name) as T | null;
      const next = change(current);
      if (next === undefined) return current;
      entries.set(name, JSON.stringify(next));
      return next;
    },
  };
}
