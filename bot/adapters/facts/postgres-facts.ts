import type pg from "pg";

import { Fault } from "#core/error.ts";
import type { Facts } from "#ports/facts.ts";

import { assertKey, compareAndSwap } from "./fact-key.ts";

/** The table is ours alone: BullMQ's schema may be dropped or migrated without it, and it without that. */
export async function createFactTable(pool: pg.Pool): Promise<void> {
  const session = await pool.connect();
  try {
    await session.query("BEGIN");
    // Several replicas may start at once: CREATE … IF NOT EXISTS alone can fail in such a race.
    await session.query("SELECT pg_advisory_xact_lock(hashtext('sluice.fact'))");
    await session.query("CREATE SCHEMA IF NOT EXISTS sluice");
    await session.query(
      `CREATE TABLE IF NOT EXISTS sluice.fact (
         key text COLLATE "C" PRIMARY KEY, value text NOT NULL, expires_at timestamptz)`,
    );
    await session.query("COMMIT");
  } catch (error) {
    await session.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    session.release();
  }
}

const alive = "(expires_at IS NULL OR expires_at > now())";
const expiry = "now() + $3::double precision * interval '1 millisecond'";
const upsert = `INSERT INTO sluice.fact (key, value, expires_at) VALUES ($1, $2, ${expiry})
  ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at`;

/** Facts in one table. Values are JSON text: `jsonb` refuses the character U+0000, JSON does not. */
export function postgresFacts(pool: pg.Pool): Facts {
  let sweptAt = 0;

  async function query(text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    try {
      return await pool.query(text, [...values]);
    } catch (error) {
      throw new Fault("facts.unavailable", "The database of the facts does not answer.", {
        retryable: true,
        cause: error,
      });
    }
  }

  async function read(key: string): Promise<string | null> {
    const { rows } = await query(`SELECT value FROM sluice.fact WHERE key = $1 AND ${alive}`, [
      key,
    ]);
    const [row] = rows as { value: string }[];
    return row?.value ?? null;
  }

  async function swap(
    key: string,
    from: string | null,
    to: string,
    ttlMs: number | undefined,
  ): Promise<boolean> {
    const result =
      from === null
        ? await query(`${upsert} WHERE NOT (fact.expires_at IS NULL OR fact.expires_at > now())`, [
            key,
            to,
            ttlMs ?? null,
          ])
        : await query(
            `UPDATE sluice.fact SET value = $2, expires_at = ${expiry}
             WHERE key = $1 AND value = $4 AND ${alive}`,
            [key, to, ttlMs ?? null, from],
          );
    return result.rowCount === 1;
  }

  /** Expired rows are invisible at once; now and then somebody who writes also removes them. */
  async function sweep(): Promise<void> {
    if (Date.now() - sweptAt < 60_000) return;
    sweptAt = Date.now();
    await query("DELETE FROM sluice.fact WHERE expires_at <= now()", []);
  }

  return {
    get: async <T>(key: string) => {
      const text = await read(assertKey(key));
      return text === null ? null : (JSON.parse(text) as T);
    },
    set: async (key, value, options) => {
      await query(upsert, [assertKey(key), JSON.stringify(value), options?.ttlMs ?? null]);
      await sweep();
    },
    delete: async (keys) => {
      if (keys.length > 0) await query("DELETE FROM sluice.fact WHERE key = ANY($1)", [keys]);
    },
    list: async <T>(prefix: string) => {
      // The range lets the index serve it; starts_with is the exact test and knows no wildcards.
      const { rows } = await query(
        `SELECT key, value FROM sluice.fact
         WHERE key >= $1 AND key < $1 || chr(1114111) AND starts_with(key, $1) AND ${alive} ORDER BY key`,
        [prefix],
      );
      const entries = rows as { key: string; value: string }[];
      return new Map(entries.map(({ key, value }) => [key, JSON.parse(value) as T]));
    },
    update: (key, change, options) =>
      compareAndSwap(change, {
        read: () => read(assertKey(key)),
        swap: (from, to) => swap(key, from, to, options?.ttlMs),
      }),
  };
}
