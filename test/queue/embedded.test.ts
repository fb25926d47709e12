import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openQueue } from "#adapters/bullmq/open-queue.ts";

import { quietDeps } from "./quiet.ts";
import { queueSuite } from "./suite.ts";

queueSuite("the embedded queue", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "sluice-data-"));
  return Promise.resolve({
    settings: { kind: "embedded", dataDir },
    stop: async () => Promise.resolve(rmSync(dataDir, { recursive: true, force: true })),
  });
});

describe("DATA_DIR", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "sluice-data-"));
  });
  afterEach(() => {
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("is opened although a process was killed while it made its first queue", async () => {
    mkdirSync(join(dataDir, "queue.new"));
    writeFileSync(join(dataDir, "queue.new", "PG_VERSION"), "17");
    const deps = quietDeps();
    const opened = await openQueue({ kind: "embedded", dataDir }, deps);
    await opened.ready();
    await opened.close(1_000);
    expect(deps.lines).toEqual([]);
    expect(readdirSync(dataDir).sort()).toEqual(["lock", "owner.json", "queue"]);
  });

  it("is begun anew, loudly, when its queue cannot be read", async () => {
    mkdirSync(join(dataDir, "queue"));
    writeFileSync(join(dataDir, "queue", "PG_VERSION"), "9.6");
    const deps = quietDeps();
    const opened = await openQueue({ kind: "embedded", dataDir }, deps);
    await opened.ready();
    await opened.close(1_000);
    expect(deps.lines).toMatchObject([
      { remedy: expect.stringContaining("was moved to") as unknown },
    ]);
    expect(existsSync(join(dataDir, "queue.unreadable", "PG_VERSION"))).toBe(true);
  });

  it("may be a long path", async () => {
    const deep = join(dataDir, "a".repeat(120));
    const opened = await openQueue({ kind: "embedded", dataDir: deep }, quietDeps());
    await opened.ready();
    await opened.close(1_000);
  });
});
