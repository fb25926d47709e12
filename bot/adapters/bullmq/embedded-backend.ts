import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

import { Fault } from "#core/error.ts";

import { lockDirectory } from "./directory-lock.ts";
import { notificationRelay } from "./notification-relay.ts";
import { postgresBackend } from "./postgres-backend.ts";
import { queueSchema } from "./postgres-pool.ts";
import type { QueueBackend } from "./queue-backend.ts";

/**
 * The queue of a single process without any server beside it: PGlite in `dataDir`, spoken to over a Unix socket in a
 * directory that only this user can enter. Starts in 4 s the first time, in under one later.
 */
export async function openEmbeddedBackend(
  dataDir: string,
  onError: (error: unknown) => void,
): Promise<QueueBackend> {
  const lock = lockDirectory(dataDir);
  const socketDirectory = mkdtempSync(join(tmpdir(), "sluice-"));
  try {
    const database = await openDatabase(join(dataDir, "queue"));
    const server = new PGLiteSocketServer({
      db: database,
      path: join(socketDirectory, ".s.PGSQL.5432"),
      maxConnections: 100,
    });
    await server.start();
    const relay = notificationRelay();
    const backend = postgresBackend(
      { socketDirectory, database: "postgres", user: "postgres" },
      {
        kind: "embedded",
        // Nothing can be unreachable in our own process; a burst may queue for some seconds.
        deliveryDeadlineMs: 5_000,
        // Notifications are relayed in the process; this is the net under them.
        drainDelaySeconds: 1,
        onError,
        onPool: (pool) => pool.on("connect", relay),
      },
    );
    return {
      ...backend,
      // One session runs one statement at a time, and a transaction would keep the add itself waiting.
      alone: (_key, add) => add(),
      close: async () => {
        await backend.close();
        await server.stop();
        await database.close();
        rmSync(socketDirectory, { recursive: true, force: true });
        lock.release();
      },
    };
  } catch (error) {
    rmSync(socketDirectory, { recursive: true, force: true });
    lock.release();
    throw error;
  }
}

/** PGlite is one session for everybody: the search path is set on it before anybody connects, at every start. */
async function openDatabase(directory: string): Promise<PGlite> {
  try {
    const database = await PGlite.create({ dataDir: directory });
    await database.exec(
      `CREATE SCHEMA IF NOT EXISTS ${queueSchema}; SET search_path TO ${queueSchema}, public`,
    );
    return database;
  } catch (error) {
    throw new Fault(
      "queue.directory-unusable",
      `The queue in ${directory} cannot be opened. Move that directory away: an empty one costs time, nothing is lost.`,
      { retryable: false, cause: error },
    );
  }
}
