import { Pool } from "pg";
import type { PoolClient, PoolConfig } from "pg";

import { Fault } from "#core/error.ts";

/** Where a pool connects to: a URL, or the directory of a Unix socket. */
export type PostgresAddress =
  | { readonly url: string }
  | { readonly socketDirectory: string; readonly database: string; readonly user: string };

/** BullMQ's own schema, which its statements find through the search path. */
export const queueSchema = "bullmq";

/**
 * A pool whose sessions see BullMQ's schema. `statementDeadlineMs` bounds connecting and every statement, so that a
 * server that stops answering is an error and not a wait.
 */
export function openPool(
  address: PostgresAddress,
  options: { max: number; statementDeadlineMs: number; onError: (error: unknown) => void },
): Pool {
  const pool = new Pool({
    ...connectionOf(address),
    max: options.max,
    connectionTimeoutMillis: options.statementDeadlineMs,
    query_timeout: options.statementDeadlineMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "sluice",
  });
  // Every queue and every worker on it listens for its errors: they are as many as there are queues, and no leak.
  pool.setMaxListeners(0);
  pool.on("error", options.onError);
  return pool;
}

/** A pool waits for its last borrower; a worker that never ends would keep it, and the process, for ever. */
export async function closePool(pool: Pool, borrowed: ReadonlySet<PoolClient>): Promise<void> {
  const { promise: impatient, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    for (const client of borrowed) void client.end().catch(() => undefined);
    resolve();
  }, 300);
  await Promise.race([pool.end(), impatient]);
  clearTimeout(timer);
}

/** Sessions of a pool that somebody holds right now. */
export function watchBorrowed(pool: Pool): ReadonlySet<PoolClient> {
  const borrowed = new Set<PoolClient>();
  pool.on("acquire", (client) => borrowed.add(client));
  pool.on("release", (_error, client) => borrowed.delete(client));
  pool.on("remove", (client) => borrowed.delete(client));
  return borrowed;
}

/** Options in the URL win over options beside it, so the search path goes into the URL. */
function connectionOf(address: PostgresAddress): PoolConfig {
  const searchPath = `-c search_path=${queueSchema}`;
  if ("socketDirectory" in address) {
    return {
      host: address.socketDirectory,
      database: address.database,
      user: address.user,
      options: searchPath,
    };
  }
  const url = parseUrl(address.url);
  const given = url.searchParams.get("options");
  url.searchParams.set("options", given === null ? searchPath : `${given} ${searchPath}`);
  return { connectionString: url.href.replaceAll("+", "%20") };
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new Fault(
      "queue.url-invalid",
      "DATABASE_URL is not a URL. Write postgres://user:password@host:5432/database.",
      { retryable: false },
    );
  }
}
