import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

import { lockDirectory } from "./directory-lock.ts";
import { openDatabase } from "./embedded-database.ts";
import { notificationRelay } from "./notification-relay.ts";
import { postgresBackend } from "./postgres-backend.ts";
import type { QueueBackend } from "./queue-backend.ts";

/**
 * The queue of a single process without any server beside it: PGlite in `dataDir`, spoken to over a Unix socket in a
 * directory that only this user can enter. Starts in 4 s the first time, in under one later.
 */
export async function openEmbeddedBackend(
  dataDir: string,
  onError: (error: unknown) => void,
  onWarning: (sentence: string) => void,
): Promise<QueueBackend> {
  const lock = lockDirectory(dataDir);
  try {
    const socketDirectory = makeSocketDirectory(dataDir);
    const database = await openDatabase(dataDir, onWarning);
    const server = new PGLiteSocketServer({
      db: database,
      path: join(socketDirectory, socketName),
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
    lock.release();
    throw error;
  }
}

/** A Unix socket's address holds 107 characters, on other systems 103. */
const longestAddress = 100;
const socketName = ".s.PGSQL.5432";

/** Empty, ours alone, and in the data directory, the one place that is surely writable, if its path is short enough. */
function makeSocketDirectory(dataDir: string): string {
  const directory = join(resolve(dataDir), "socket");
  if (join(directory, socketName).length > longestAddress) {
    return mkdtempSync(join(tmpdir(), "sluice-"));
  }
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}
