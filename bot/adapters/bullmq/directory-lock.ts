import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { Fault } from "#core/error.ts";

/** Keeps locks from the garbage collector, which would close their files and so let them go. */
const held = new Set<DatabaseSync>();

/**
 * Holds a directory for this process alone until `release`.
 *
 * The lock is SQLite's lock on a file in it: the operating system's own, so it falls with the process however that
 * dies, and it holds between containers that share a volume. Node has no other binding to such a lock.
 */
export function lockDirectory(directory: string): { release(): void } {
  makeDirectory(directory);
  const ownerFile = join(directory, "owner.json");
  const lockFile = join(directory, "lock");
  const database = openLockFile(lockFile);
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw unusable(lockFile, error);
    throw new Fault(
      "queue.directory-in-use",
      `${directory} is in use by ${readOwner(ownerFile)}. Stop that process, set another DATA_DIR, or set REDIS_URL or DATABASE_URL so that several processes can share one queue.`,
      { retryable: false, cause: error },
    );
  }
  writeFileSync(ownerFile, JSON.stringify({ pid: process.pid, host: hostname() }));
  held.add(database);
  return {
    release: () => {
      if (held.delete(database)) database.close();
    },
  };
}

function openLockFile(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file);
  } catch (error) {
    throw unusable(file, error);
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(directory, error);
  }
}

/** SQLITE_BUSY: another process (or another part of this one) holds the lock. */
function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && error.errcode === 5;
}

function unusable(path: string, cause: unknown): Fault {
  return new Fault(
    "queue.directory-unusable",
    `${path} cannot be used. Make DATA_DIR a directory that this process may write to.`,
    { retryable: false, cause },
  );
}

/** Only for the message: who holds the lock is for the operating system to say. */
function readOwner(file: string): string {
  try {
    const owner: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof owner === "object" && owner !== null && "pid" in owner && "host" in owner) {
      return `process ${String(owner.pid)} on ${String(owner.host)}`;
    }
  } catch {
    // The file may be missing or half written.
  }
  return "another process";
}
