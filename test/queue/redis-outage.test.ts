import { randomUUID } from "node:crypto";
import { once } from "node:events";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { Fault } from "#core/error.ts";

import { hasRedisServer, startRedis } from "./redis-server.ts";
import type { RedisServer } from "./redis-server.ts";
import { delivery, done, openStage, shortLocks, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

describe.skipIf(!hasRedisServer())("when Redis fails", () => {
  let server: RedisServer;
  let stage: Stage;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });
  beforeEach(async () => {
    stage = await openStage({ kind: "redis", url: server.url }, shortLocks);
    await stage.open.ready();
  });
  afterEach(async () => {
    await stage.close();
  });

  /** Every add must be refused in under a second, by a Fault that says that trying again may help. */
  async function expectRefusal(): Promise<void> {
    for (let n = 0; n < 5; n += 1) {
      const started = performance.now();
      const fault = await stage.open.queue.addDelivery(delivery(randomUUID())).then(
        () => null,
        (error: unknown) => error,
      );
      expect(fault).toBeInstanceOf(Fault);
      expect(fault).toMatchObject({ code: "queue.unavailable", retryable: true });
      expect(performance.now() - started).toBeLessThan(1_000);
    }
    await expect(stage.open.ready()).rejects.toMatchObject({ retryable: true });
  }

  async function expectRecovery(): Promise<void> {
    const id = randomUUID();
    const ran = Promise.withResolvers<void>();
    stage.onDelivery(id, async () => Promise.resolve(ran.resolve()).then(() => done));
    const add = async (): Promise<boolean> =>
      stage.open.queue.addDelivery(delivery(id)).then(
        () => true,
        () => false,
      );
    await until("a delivery is taken again", add, 10_000);
    await ran.promise;
    await stage.open.ready();
  }

  it("refuses within a second while it is down, and goes on when it is back", async () => {
    await server.kill();
    await expectRefusal();
    await server.restart();
    await expectRecovery();
  });

  it("refuses within a second while it hangs, and goes on when it answers again", async () => {
    server.process.kill("SIGSTOP");
    await expectRefusal();
    server.process.kill("SIGCONT");
    await expectRecovery();
  });

  it("refuses while it takes no writes", async () => {
    await server.command("CONFIG", "SET", "min-replicas-to-write", "3");
    const add = stage.open.queue.addDelivery(delivery(randomUUID()));
    await expect(add).rejects.toMatchObject({ code: "queue.unavailable" });
    await server.command("CONFIG", "SET", "min-replicas-to-write", "0");
    await expectRecovery();
  });

  it("aborts a run whose lock can no longer be kept", async () => {
    const job = stage.repository();
    const begun = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<unknown>();
    stage.onReconcile(job, async (_job, { signal }) => {
      begun.resolve();
      await once(signal, "abort");
      aborted.resolve(signal.reason);
      return done;
    });
    await stage.open.queue.addReconcile(job);
    await begun.promise;
    server.process.kill("SIGSTOP");
    try {
      expect(await aborted.promise).toBe("lock-lost");
    } finally {
      server.process.kill("SIGCONT");
    }
    await expectRecovery();
  });

  it("survives that everything is emptied while a job runs", async () => {
    const job = stage.repository();
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    let runs = 0;
    stage.onReconcile(job, async () => {
      runs += 1;
      begun.resolve();
      await gate.promise;
      return done;
    });
    await stage.open.queue.addReconcile(job);
    await begun.promise;
    await server.command("FLUSHALL");
    gate.resolve();
    await until("the same key runs again", async () => {
      await stage.open.queue.addReconcile(job);
      return runs >= 2;
    });
    await expectRecovery();
  });

  it("runs a redelivery of what was accepted and then lost", async () => {
    const id = randomUUID();
    await stage.open.close(1_000);
    const receiver = await openStage({ kind: "redis", url: server.url, prefix: "{lost}" });
    const runs: string[] = [];
    receiver.onDelivery(id, async (job) => Promise.resolve(runs.push(job.id)).then(() => done));
    await receiver.open.queue.addDelivery(delivery(id));
    await until("it has run", () => runs.length === 1);
    await receiver.open.queue.addDelivery(delivery(id));
    await server.command("FLUSHALL");
    await receiver.open.queue.addDelivery(delivery(id));
    await until("the redelivery has run", () => runs.length === 2);
    await receiver.close();
  });

  it("comes up without it, not ready, and begins when it appears", async () => {
    await server.kill();
    const early = await openStage({ kind: "redis", url: server.url, prefix: "{early}" });
    const id = randomUUID();
    const ran = Promise.withResolvers<void>();
    early.onDelivery(id, async () => Promise.resolve(ran.resolve()).then(() => done));
    await expect(early.open.ready()).rejects.toMatchObject({ code: "queue.unavailable" });
    await expect(early.open.queue.addDelivery(delivery(id))).rejects.toThrow("cannot be reached");
    await expect(early.open.facts.get("a")).rejects.toMatchObject({ retryable: true });
    await server.restart();
    await until("it is ready", () =>
      early.open.ready().then(
        () => true,
        () => false,
      ),
    );
    await early.open.queue.addDelivery(delivery(id));
    await ran.promise;
    await early.close();
  });
});
