import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { Fault } from "#core/error.ts";

import { hasRedisServer, startRedis } from "./redis-server.ts";
import { done, openStage, until } from "./stage.ts";

const script = fileURLToPath(new URL("../../bot/jobs.ts", import.meta.url));

async function jobs(
  environment: Record<string, string>,
  ...words: string[]
): Promise<{ code: unknown; out: string; err: string }> {
  const child = spawn(process.execPath, [script, ...words], {
    env: { PATH: process.env["PATH"] ?? "", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[unknown]>,
  ]);
  return { code, out, err };
}

describe("npm run jobs", () => {
  it("explains itself", async () => {
    for (const words of [[], ["help"], ["show"], ["show", "a", "b"], ["replay"], ["list", "x"]]) {
      expect(await jobs({}, ...words)).toMatchObject({
        code: 2,
        err: expect.stringContaining("npm run jobs -- list") as unknown,
      });
    }
  });

  it("says what is wrong with the settings", async () => {
    const both = await jobs({ REDIS_URL: "redis://a", DATABASE_URL: "postgres://b/c" }, "list");
    expect(both).toMatchObject({ code: 1, out: "" });
    expect(both.err).toContain("REDIS_URL and DATABASE_URL are both set");
    const none = await jobs({ DATA_DIR: "/nonexistent" }, "list");
    expect(none.err).toContain("There is no queue in /nonexistent");
  });

  it.skipIf(!hasRedisServer())("lists, shows and replays beside a running bot", async () => {
    const server = await startRedis();
    const stage = await openStage({ kind: "redis", url: server.url });
    const job = stage.repository();
    let runs = 0;
    stage.onReconcile(job, async () => {
      runs += 1;
      if (runs === 1)
        throw new Fault("github.refused", "No, \u001b[31mnever.", { retryable: false });
      return Promise.resolve(done);
    });
    const environment = { REDIS_URL: server.url };
    expect(await jobs(environment, "list")).toMatchObject({ code: 0, out: "No job has failed.\n" });
    await stage.open.queue.addReconcile(job);
    await until("it has failed", () => stage.failures.length === 1);

    const listed = await jobs(environment, "list");
    expect(listed.code).toBe(0);
    const [head, row] = listed.out.split("\n");
    expect(head).toMatch(/^JOB +FAILED \(UTC\) +ATTEMPTS +ABOUT +REASON$/);
    expect(row).toContain(`7 ${job.repository}`);
    expect(row).toContain("github.refused: No,  [31mnever.");
    const id = row?.split(" ")[0] ?? "";

    const shown = await jobs(environment, "show", id);
    expect(shown.out).toContain(`repository:   ${job.repository}`);
    expect(shown.out).not.toContain("\u001b");
    expect(await jobs(environment, "replay", id)).toEqual({
      code: 0,
      out: `${id} runs again.\n`,
      err: "",
    });
    await until("it has run again", () => runs === 2);
    const again = await jobs(environment, "replay", id);
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toContain(`There is no failed job ${id}`);
    await stage.close();
    await server.stop();
  });

  it("names the remedy when the running bot holds the embedded queue", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "sluice-jobs-"));
    const stage = await openStage({ kind: "embedded", dataDir });
    const held = await jobs({ DATA_DIR: dataDir }, "list");
    expect(held).toMatchObject({ code: 1, out: "" });
    expect(held.err).toContain(`in use by process ${process.pid}`);
    expect(held.err).toContain("stop the bot, run this again");
    await stage.close();
    const free = await jobs({ DATA_DIR: dataDir }, "list");
    expect(free).toMatchObject({ code: 0, out: "No job has failed.\n" });
    rmSync(dataDir, { recursive: true });
  });
});
