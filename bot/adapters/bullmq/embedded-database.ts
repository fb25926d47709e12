import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { PGlite } from "@electric-sql/pglite";

import { Fault, messageOf } from "#core/error.ts";

import { queueSchema } from "./postgres-pool.ts";

/**
 * Opens the database in `dataDir`, which the caller has locked. A new one is made beside its place and moved there
 * when it is whole, so that a process killed meanwhile leaves nothing half made. One that cannot be read is moved
 * aside: the queue may be emptied at any moment, and a bot that does not start does nothing at all.
 */
export async function openDatabase(
  dataDir: string,
  onWarning: (sentence: string) => void,
): Promise<PGlite> {
  const place = join(dataDir, "queue");
  if (existsSync(place)) {
    try {
      return await open(place);
    } catch (error) {
      const aside = join(dataDir, "queue.unreadable");
      rmSync(aside, { recursive: true, force: true });
      renameSync(place, aside);
      onWarning(
        `The queue in ${place} could not be read (${messageOf(error)}) and was moved to ${aside}. What it held is found again by the sweep; remove it when nobody wants to look at it.`,
      );
    }
  }
  try {
    await make(place);
    return await open(place);
  } catch (error) {
    throw new Fault(
      "queue.directory-unusable",
      `A queue cannot be made in ${dataDir}. Make DATA_DIR a directory that this process may write to, with 100 MB free.`,
      { retryable: false, cause: error },
    );
  }
}

async function make(place: string): Promise<void> {
  const beside = `${place}.new`;
  rmSync(beside, { recursive: true, force: true });
  const database = await PGlite.create({ dataDir: beside });
  await database.close();
  renameSync(beside, place);
}

/** PGlite is one session for everybody: the search path is set on it before anybody connects, at every start. */
async function open(place: string): Promise<PGlite> {
  const database = await PGlite.create({ dataDir: place });
  await database.exec(
    `CREATE SCHEMA IF NOT EXISTS ${queueSchema}; SET search_path TO ${queueSchema}, public`,
  );
  return database;
}
