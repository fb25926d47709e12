import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Image, Registry } from "../oci/registry.ts";
import type { World } from "./world.ts";

const FILE = "state.json";
const DELAY = 100;
const KEPT_DELIVERIES = 2_000;

type Snapshot = {
  ids: Record<string, number>;
  tokenSecret: string;
  revokedTokens: string[];
  tables: Record<string, { id: number }[]>;
  images: Image[];
};

/** Reads the state that an earlier run left; false if there is none. */
export async function restore(world: World, registry: Registry): Promise<boolean> {
  const file = join(world.dataDirectory, FILE);
  if (!existsSync(file)) return false;
  const snapshot = JSON.parse(readFileSync(file, "utf8")) as Snapshot;
  world.ids = snapshot.ids;
  world.tokenSecret = snapshot.tokenSecret;
  snapshot.revokedTokens.forEach((token) => world.revokedTokens.add(token));
  for (const [name, table] of Object.entries(world.tables)) {
    const rows = snapshot.tables[name] ?? [];
    for (const row of rows)
      (table as unknown as { insert: (row: { id: number }) => unknown }).insert(row);
  }
  for (const image of snapshot.images) registry.add(image);
  for (const repository of world.tables.repositories.all()) await world.openGit(repository);
  return true;
}

/** Writes the state soon after every change, whole and by renaming, so that a kill leaves the last one. */
export function keepSnapshot(world: World, registry: Registry): { flush: () => void } {
  const file = join(world.dataDirectory, FILE);
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const tables = Object.fromEntries(
      Object.entries(world.tables).map(([name, table]) => [name, table.all() as { id: number }[]]),
    );
    const snapshot: Snapshot = {
      ids: world.ids,
      tokenSecret: world.tokenSecret,
      revokedTokens: [...world.revokedTokens],
      tables: { ...tables, deliveries: (tables["deliveries"] ?? []).slice(-KEPT_DELIVERIES) },
      images: registry.toJSON(),
    };
    writeFileSync(`${file}.new`, JSON.stringify(snapshot));
    renameSync(`${file}.new`, file);
  };
  const soon = (): void => {
    timer ??= setTimeout(flush, DELAY);
    timer.unref();
  };
  world.onChange(soon);
  registry.onChange = soon;
  return { flush };
}
