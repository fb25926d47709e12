import { closeSync, existsSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

import type { Image, Registry } from "../oci/registry.ts";
import type { Tables, World } from "./world.ts";

const FILE = "journal.jsonl";
const KEPT_DELIVERIES = 2_000;

type Row = { id: number };

/** One line a change: a row as it is now (null: gone), a counter, something pushed to an image, a secret. */
type Line =
  | { table: keyof Tables; id: number; row: Row | null }
  | { ids: Record<string, number> }
  | { image: Image }
  | { tokenSecret: string }
  | { revoked: string };

type AnyTable = {
  insert: (row: Row) => unknown;
  delete: (id: number) => void;
  all: () => Row[];
};

function tableOf(world: World, name: keyof Tables): AnyTable {
  return world.tables[name] as unknown as AnyTable;
}

/** Reads the state that an earlier run left; false if there is none. */
export async function restore(world: World, registry: Registry): Promise<boolean> {
  const file = join(world.dataDirectory, FILE);
  if (!existsSync(file)) return false;
  for (const text of readFileSync(file, "utf8").split("\n")) {
    const line = parse(text);
    if (line === undefined) continue;
    if ("table" in line) {
      const table = tableOf(world, line.table);
      if (line.row === null) table.delete(line.id);
      else table.insert(line.row);
    } else if ("ids" in line) Object.assign(world.ids, line.ids);
    else if ("image" in line) registry.merge(line.image);
    else if ("revoked" in line) world.revokedTokens.add(line.revoked);
    else world.tokenSecret = line.tokenSecret;
  }
  for (const repository of world.tables.repositories.all()) await world.openGit(repository);
  return true;
}

/** The last line may have been cut by a kill. */
function parse(text: string): Line | undefined {
  try {
    return text === "" ? undefined : (JSON.parse(text) as Line);
  } catch {
    return undefined;
  }
}

/** Writes the whole state anew, then every change as it happens, so that a kill at any moment loses nothing. */
export function keepJournal(world: World, registry: Registry): { close: () => void } {
  const file = join(world.dataDirectory, FILE);
  const descriptor = openSync(`${file}.new`, "w");
  const write = (line: Line): void => {
    writeSync(descriptor, `${JSON.stringify(line)}\n`);
  };
  write({ tokenSecret: world.tokenSecret });
  write({ ids: world.ids });
  for (const revoked of world.revokedTokens) write({ revoked });
  for (const name of Object.keys(world.tables) as (keyof Tables)[]) {
    const rows = tableOf(world, name).all();
    const kept = name === "deliveries" ? rows.slice(-KEPT_DELIVERIES) : rows;
    for (const row of kept) write({ table: name, id: row.id, row });
  }
  for (const image of registry.images.values()) write({ image });
  renameSync(`${file}.new`, file);
  world.onChange((change) => write(change));
  registry.onPush = (image) => write({ image });
  return { close: () => closeSync(descriptor) };
}
