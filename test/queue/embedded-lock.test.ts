import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { lockDirectory } from "#adapters/bullmq/directory-lock.ts";

const module = fileURLToPath(
  new URL("../../bot/adapters/bullmq/directory-lock.ts", import.meta.url),
);

describe("the lock on DATA_DIR", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "sluice-lock-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it("is held once, also within a process, and let go", () => {
    const lock = lockDirectory(join(directory, "new"));
    expect(() => lockDirectory(join(directory, "new"))).toThrow(
      `is in use by process ${process.pid} on `,
    );
    lock.release();
    lock.release();
    lockDirectory(join(directory, "new")).release();
  });

  it("falls with a process that is killed", async () => {
    const child = spawn(
      process.execPath,
      [
        "--input-type=module",
        "--eval",
        `const { lockDirectory } = await import(${JSON.stringify(module)});
         lockDirectory(${JSON.stringify(directory)});
         console.log("locked");
         setInterval(() => {}, 1000);`,
      ],
      {
        stdio: ["ignore", "pipe", "inherit"],
        cwd: fileURLToPath(new URL("../..", import.meta.url)),
      },
    );
    try {
      for await (const line of createInterface({ input: child.stdout })) {
        if (line === "locked") break;
      }
      const second = (): unknown => lockDirectory(directory);
      expect(second).toThrow(`${directory} is in use by process ${child.pid} on `);
      expect(second).toThrow("set REDIS_URL or DATABASE_URL");
    } finally {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    lockDirectory(directory).release();
  });

  it("says what is wrong with a directory that cannot be used", () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    expect(() => lockDirectory(file)).toThrow("Make DATA_DIR a directory");
    expect(() => lockDirectory(join(file, "below"))).toThrow("Make DATA_DIR a directory");
  });
});
