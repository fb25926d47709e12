import { Fault } from "#core/error.ts";

/** Keys are non-empty paths; U+0000, which PostgreSQL cannot store, is a mistake in any of them. */
export function assertKey(key: string): string {
  if (key === "" || key.includes("\u0000")) {
    throw new Fault(
      "facts.key-invalid",
      `A fact's key must be a non-empty path: ${JSON.stringify(key)}.`,
      {
        retryable: false,
      },
    );
  }
  return key;
}

/** More losers in a row than replicas could cause: then something else is wrong. */
const maxRounds = 200;

/**
 * Reads, computes and writes until nobody came between. Comparing values instead of versions is enough: `change` is
 * pure, so an equal value gives an equal result.
 */
export async function compareAndSwap<T>(
  change: (current: T | null) => T | undefined,
  store: {
    read(): Promise<string | null>;
    swap(from: string | null, to: string): Promise<boolean>;
  },
): Promise<T | null> {
  for (let round = 0; round < maxRounds; round += 1) {
    const from = await store.read();
    const current = from === null ? null : (JSON.parse(from) as T);
    const next = change(current);
    if (next === undefined) return current;
    if (await store.swap(from, JSON.stringify(next))) return next;
  }
  throw new Fault("facts.contended", "A fact is written by too many at once; try again.", {
    retryable: true,
  });
}
