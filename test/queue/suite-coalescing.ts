import { setTimeout as pause } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { Fault } from "#core/error.ts";

import { done, later, rollout, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** At most one run of a key, at most one that waits, and no event lost. */
export function coalescing(stage: () => Stage): void {
  describe("one key", () => {
    it("runs once and once more for a burst that comes while it runs", async () => {
      const { open, repository, onReconcile } = stage();
      const job = repository();
      const gate = Promise.withResolvers<void>();
      let runs = 0;
      let atOnce = 0;
      let most = 0;
      onReconcile(job, async () => {
        runs += 1;
        atOnce += 1;
        most = Math.max(most, atOnce);
        await gate.promise;
        atOnce -= 1;
        return done;
      });
      await open.queue.addReconcile(job);
      await until("the first run has begun", () => runs === 1);
      for (let n = 0; n < 50; n += 1) await open.queue.addReconcile(job);
      gate.resolve();
      await until("the second run has begun", () => runs === 2);
      await settled(stage());
      expect({ runs, most }).toEqual({ runs: 2, most: 1 });
    });

    it("waits at most once for a burst of adds at the same moment", async () => {
      const { open, repository, onReconcile } = stage();
      const job = repository();
      const gate = Promise.withResolvers<void>();
      let runs = 0;
      onReconcile(job, async () => {
        runs += 1;
        await gate.promise;
        return done;
      });
      await Promise.all(Array.from({ length: 30 }, () => open.queue.addReconcile(job)));
      gate.resolve();
      await until("it has run", () => runs > 0);
      await settled(stage());
      expect(runs).toBeLessThanOrEqual(2);
    });

    it("sees the last event of 150 keys, whenever it comes", async () => {
      const { open, repository, onReconcile } = stage();
      const keys = Array.from({ length: 150 }, () => ({
        job: repository(),
        truth: 0,
        seen: -1,
        atOnce: 0,
        most: 0,
      }));
      for (const key of keys) {
        onReconcile(key.job, async () => {
          const { truth } = key;
          key.atOnce += 1;
          key.most = Math.max(key.most, key.atOnce);
          await pause(Math.random() * 15);
          key.seen = truth;
          key.atOnce -= 1;
          return Math.random() < 0.3 ? later(60_000) : done;
        });
      }
      await Promise.all(
        keys.map(async (key) => {
          for (let event = 1; event <= 4; event += 1) {
            key.truth = event;
            await Promise.all([open.queue.addReconcile(key.job), open.queue.addReconcile(key.job)]);
            await pause(Math.random() * 40);
          }
        }),
      );
      await until("every key has seen its last event", () => keys.every((key) => key.seen === 4));
      expect(keys.filter((key) => key.most !== 1)).toEqual([]);
    });

    it("is followed up after a run that failed for good", async () => {
      const { open, repository, onReconcile } = stage();
      const job = repository();
      const gate = Promise.withResolvers<void>();
      const runs: string[] = [];
      onReconcile(job, async () => {
        runs.push("run");
        if (runs.length > 1) return done;
        await gate.promise;
        throw new Fault("github.refused", "No.", { retryable: false });
      });
      await open.queue.addReconcile(job);
      await until("the first run has begun", () => runs.length === 1);
      await open.queue.addReconcile(job);
      gate.resolve();
      await until("the follow-up has run", () => runs.length >= 2);
    });
  });

  describe("later", () => {
    it("runs the same job again at its time, and that is no failed attempt", async () => {
      const { open, repository, onReconcile } = stage();
      const job = repository();
      const runs: { at: number; attempt: number; jobId: string }[] = [];
      onReconcile(job, async (_job, { attempt, jobId }) => {
        runs.push({ at: Date.now(), attempt, jobId });
        return Promise.resolve(runs.length < 6 ? later(150) : done);
      });
      await open.queue.addReconcile(job);
      await until("it has run six times", () => runs.length === 6);
      expect(new Set(runs.map((run) => run.jobId)).size).toBe(1);
      expect(runs.map((run) => run.attempt)).toEqual([0, 0, 0, 0, 0, 0]);
      const gaps = runs.slice(1).map((run, at) => run.at - (runs[at]?.at ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(145);
    });

    it.for(["reconcile", "rollout"] as const)(
      "does not swallow an event that comes during the delay: %s",
      async (kind) => {
        const { open, repository, onReconcile, onRollout } = stage();
        const job = repository();
        let runs = 0;
        const handler = async () => Promise.resolve((runs += 1) === 1 ? later(60_000) : done);
        const add =
          kind === "reconcile"
            ? () => open.queue.addReconcile(job)
            : () => open.queue.addRollout(rollout(job));
        if (kind === "reconcile") onReconcile(job, handler);
        else onRollout(job, handler);
        await add();
        await until("the first run is over", async () => runs === 1 && (await isIdle(stage())));
        await add();
        await until("the event was answered", () => runs === 2);
      },
    );

    it("does not swallow an event that comes during the run", async () => {
      const { open, repository, onReconcile } = stage();
      const job = repository();
      const gate = Promise.withResolvers<void>();
      let runs = 0;
      onReconcile(job, async () => {
        runs += 1;
        if (runs > 1) return done;
        await gate.promise;
        return later(60_000);
      });
      await open.queue.addReconcile(job);
      await until("the first run has begun", () => runs === 1);
      await open.queue.addReconcile(job);
      gate.resolve();
      await until("the event was answered", () => runs >= 2);
    });

    it.for(["later", "outage"] as const)(
      "runs once more for an event that came during the run, then waits: %s",
      async (ending) => {
        const { open, repository, onReconcile } = stage();
        const job = repository();
        const gate = Promise.withResolvers<void>();
        let runs = 0;
        onReconcile(job, async () => {
          runs += 1;
          if (runs === 1) await gate.promise;
          if (ending === "later") return later(60_000);
          const retryAt = new Date(Date.now() + 60_000);
          throw new Fault("github.unavailable", "Away.", { retryable: true, retryAt });
        });
        await open.queue.addReconcile(job);
        await until("the first run has begun", () => runs === 1);
        await open.queue.addReconcile(job);
        gate.resolve();
        await until("the event was answered", () => runs >= 2);
        await pause(1_000);
        expect(runs).toBe(2);
      },
    );

    it("leaves a delayed rollout where it is when another delayed one is added", async () => {
      const { open, repository, onRollout } = stage();
      const job = repository();
      const runs: number[] = [];
      onRollout(job, async () => {
        runs.push(Date.now());
        return Promise.resolve(done);
      });
      const start = Date.now();
      await open.queue.addRollout(rollout(job), { delayMs: 400 });
      await pause(200);
      await open.queue.addRollout(rollout(job), { delayMs: 600_000 });
      await until("it has run", () => runs.length === 1);
      expect((runs[0] ?? 0) - start).toBeGreaterThanOrEqual(395);
    });
  });
}

/** Nothing runs and nothing waits. */
async function isIdle(stage: Stage): Promise<boolean> {
  const stats = await stage.open.stats();
  return stats.every(({ jobs }) => jobs.active === 0 && jobs.waiting === 0);
}

async function settled(stage: Stage): Promise<void> {
  await until("nothing runs and nothing waits", () => isIdle(stage));
}
