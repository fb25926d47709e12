import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import type { QueueSettings } from "#adapters/bullmq/open-queue.ts";

import { done, openStage, shortLocks, until } from "./stage.ts";
import type { Ground } from "./suite.ts";

/** Stops and deaths: the work goes on elsewhere. */
export function stopping(ground: () => Ground): void {
  describe("when it stops", () => {
    it("hands back what still runs, as if it had not been tried", async () => {
      const first = await openStage(ground().settings);
      const job = first.repository();
      const begun = Promise.withResolvers<void>();
      first.onReconcile(job, async (_job, { signal }) => {
        begun.resolve();
        await once(signal, "abort");
        throw new Error("aborted");
      });
      await first.open.queue.addReconcile(job);
      await begun.promise;
      const started = performance.now();
      await first.open.close(1_000);
      expect(performance.now() - started).toBeLessThan(20_000);
      expect(first.counted).toContainEqual({
        name: "jobs_total",
        labels: { queue: "reconcile", result: "handed-back" },
      });

      const second = await openStage(ground().settings);
      const attempts: number[] = [];
      second.onReconcile(job, async (_job, { attempt }) =>
        Promise.resolve(attempts.push(attempt)).then(() => done),
      );
      // A new event finds the handed-back job waiting, or comes after it: either way it is run.
      await second.open.queue.addReconcile(job);
      await until("it has been taken up", () => attempts.length > 0);
      expect(attempts[0]).toBe(0);
      await second.close();
    });

    it("waits for what ends in time", async () => {
      const stage = await openStage(ground().settings);
      const job = stage.repository();
      const begun = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      stage.onReconcile(job, async () => {
        begun.resolve();
        await end.promise;
        return done;
      });
      await stage.open.queue.addReconcile(job);
      await begun.promise;
      const closed = stage.open.close(10_000);
      end.resolve();
      await closed;
      expect(stage.counted).toContainEqual({
        name: "jobs_total",
        labels: { queue: "reconcile", result: "done" },
      });
    });

    it("leaves at the deadline although a job does not listen", async () => {
      const stage = await openStage(ground().settings, shortLocks);
      const job = stage.repository();
      const begun = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      stage.onReconcile(job, async () => {
        begun.resolve();
        await end.promise;
        return done;
      });
      await stage.open.queue.addReconcile(job);
      await begun.promise;
      const started = performance.now();
      await stage.open.close(400);
      expect(performance.now() - started).toBeLessThan(20_000);
      end.resolve();
    });
  });

  it("takes up the work of a process that was killed", { timeout: 60_000 }, async () => {
    const repository = `acme/killed-${crypto.randomUUID()}`;
    await killMidJob(ground().settings, repository);
    const stage = await openStage(ground().settings, shortLocks);
    const job = { installation: 7, repository };
    const runs: number[] = [];
    stage.onReconcile(job, async (_job, { attempt }) =>
      Promise.resolve(runs.push(attempt)).then(() => done),
    );
    await until("another process has run it", () => runs.length > 0);
    expect(runs).toEqual([0]);
    await stage.close();
  });
}

/** Starts a worker in a process of its own, and kills it as soon as it is inside the job. */
async function killMidJob(settings: QueueSettings, repository: string): Promise<void> {
  const script = fileURLToPath(new URL("worker-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(settings), repository], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === "running") break;
    }
  } finally {
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}
