import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Client } from "pg";

import { freePort } from "./redis-server.ts";

export type PostgresServer = { readonly url: string; readonly stop: () => Promise<void> };

const debianRoot = "/usr/lib/postgresql";

/** The directory with `initdb` and `postgres`: from the PATH, or where Debian puts it; null where there is none. */
export function findPostgres(): string | null {
  if (spawnSync("initdb", ["--version"]).status === 0) return "";
  if (!existsSync(debianRoot)) return null;
  const found = readdirSync(debianRoot)
    .map((version) => join(debianRoot, version, "bin"))
    .filter((directory) => existsSync(join(directory, "initdb")));
  return found.at(-1) ?? null;
}

/** PostgreSQL refuses to run as root; `nobody` has this id on every Linux. */
const nobody = 65_534;

/** A PostgreSQL of our own on the loopback, in a directory that goes with it. */
export async function startPostgres(binaries: string): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), "sluice-postgres-"));
  const identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if ("uid" in identity) chownSync(directory, nobody, nobody);
  chmodSync(directory, 0o700);
  const data = join(directory, "data");
  const made = spawnSync(
    join(binaries, "initdb"),
    [
      "--pgdata",
      data,
      "--username",
      "sluice",
      "--auth",
      "trust",
      "--no-sync",
      "--encoding",
      "UTF8",
    ],
    { ...identity, cwd: directory, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const server = spawn(
    join(binaries, "postgres"),
    ["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1", "-k", directory].concat([
      "-c",
      "fsync=off",
      "-c",
      "max_connections=200",
    ]),
    { ...identity, cwd: directory, stdio: "ignore" },
  );
  const url = `postgres://sluice@127.0.0.1:${port}/postgres`;
  while (!(await answers(url))) await pause(50);
  return {
    url,
    stop: async () => {
      const gone = once(server, "exit");
      server.kill("SIGINT");
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
