import { randomUUID } from "node:crypto";

import { describe, expect, it } from "vitest";

import { Fault } from "#core/error.ts";

import { delivery, done, later, rollout, until } from "./stage.ts";
import type { Stage } from "./stage.ts";

/** Deliveries, wakes, and what becomes of jobs that do not end well. */
export function keeping(stage: () => Stage): void {
  describe("a delivery", () => {
    it("is run once, however often it is sent while it is remembered", async () => {
      const { open, onDelivery } = stage();
      const id = randomUUID();
      const bodies: string[] = [];
      onDelivery(id, async ({ body }) => Promise.resolve(bodies.push(body) > 0 ? done : done));
      await Promise.all(Array.from({ length: 20 }, () => open.queue.addDelivery(delivery(id))));
      await until("it has run", () => bodies.length > 0);
      await open.queue.addDelivery(delivery(id.toUpperCase()));
      await open.queue.addDelivery(delivery(id));
      const other = randomUUID();
      const after = Promise.withResolvers<void>();
      onDelivery(other, async () => Promise.resolve(after.resolve()).then(() => done));
      await open.queue.addDelivery(delivery(other));
      await after.promise;
      expect(bodies).toEqual([delivery(id).body]);
    });

    it("waits for the end of an outage without failing, and keeps its body", async () => {
      const { open, onDelivery } = stage();
      const id = randomUUID();
      const runs: { attempt: number; body: string }[] = [];
      onDelivery(id, async ({ body }, { attempt }) => {
        runs.push({ attempt, body });
        if (runs.length <= 5) throw new Fault("github.unavailable", "down", { retryable: true });
        return Promise.resolve(done);
      });
      await open.queue.addDelivery(delivery(id));
      await until("the sixth run has ended it", () => runs.length === 6);
      expect(runs.map((run) => run.attempt)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(new Set(runs.map((run) => run.body))).toEqual(new Set([delivery(id).body]));
      expect(await failedOf(stage(), id)).toEqual([]);
    });

    it("is not tried before the moment that the other side named", async () => {
      const { open, onDelivery } = stage();
      const id = randomUUID();
      const runs: number[] = [];
      const retryAt = new Date(Date.now() + 700);
      onDelivery(id, async () => {
        runs.push(Date.now());
        if (runs.length === 1)
          throw new Fault("github.limited", "wait", { retryable: true, retryAt });
        return Promise.resolve(done);
      });
      await open.queue.addDelivery(delivery(id));
      await until("it has run again", () => runs.length === 2);
      expect(runs[1]).toBeGreaterThanOrEqual(retryAt.getTime());
    });

    it("that a person wrote goes before all that programs sent", async () => {
      const { open, onDelivery } = stage();
      const gate = Promise.withResolvers<void>();
      const busy = new Set<string>();
      const ran: string[] = [];
      const add = async (event: string, work: (id: string) => Promise<unknown>) => {
        const id = randomUUID();
        onDelivery(id, async () => work(id).then(() => done));
        await open.queue.addDelivery({ ...delivery(id), event });
        return id;
      };
      for (let n = 0; n < 8; n += 1)
        await add("push", async (id) => (busy.add(id), await gate.promise));
      await until("every worker is busy", () => busy.size === 8);
      const note = async (id: string) => Promise.resolve(ran.push(id));
      for (let n = 0; n < 24; n += 1) await add("check_run", note);
      const command = await add("issue_comment", note);
      gate.resolve();
      await until("all of them have run", () => ran.length === 25);
      expect(ran.indexOf(command)).toBeLessThan(8);
    });
  });

  describe("a notification", () => {
    it("is stored once a place while it waits, and tried again after an outage", async () => {
      const { open, repository, onNotification } = stage();
      const job = repository();
      const seen: string[] = [];
      onNotification(job, async ({ target }, { attempt }) => {
        seen.push(`${target.kind} ${attempt}`);
        if (target.kind === "slack" && attempt === 0)
          throw new Fault("notification.unavailable", "Slack is away.", { retryable: true });
        return Promise.resolve(done);
      });
      const notification = {
        id: crypto.randomUUID(),
        kind: "on-promoted",
        environment: "prod",
        stream: null,
        artifact: null,
        promotion: null,
        pull: null,
        sentence: "It is there.",
        at: new Date().toISOString(),
      } as const;
      const web = "https://github.com";
      const slack = {
        ...job,
        notification,
        web,
        target: { kind: "slack", channel: "C:1" },
      } as const;
      const hook = { ...job, notification, web, target: { kind: "webhook", name: "ops" } } as const;
      await Promise.all([slack, slack, hook].map((one) => open.queue.addNotification(one)));
      await until("all are told", () => seen.length >= 3);
      expect(seen.toSorted()).toEqual(["slack 0", "slack 1", "webhook 0"]);
    });
  });

  describe("a wake", () => {
    it("comes at its time, beside everything else, and once for many at the same moment", async () => {
      const { open, repository, onWake, onReconcile } = stage();
      const job = repository();
      const wakes: number[] = [];
      let reconciles = 0;
      onWake(job, async () => Promise.resolve(wakes.push(Date.now())).then(() => done));
      onReconcile(job, async () => Promise.resolve((reconciles += 1)).then(() => done));
      const start = Date.now();
      const first = new Date(start + 4_000);
      const second = new Date(start + 6_000);
      for (let n = 0; n < 20; n += 1) await open.queue.addWake(job, first);
      await open.queue.addWake(job, second);
      await open.queue.addReconcile(job);
      await until("the reconcile has run", () => reconciles === 1);
      expect(Date.now()).toBeLessThan(first.getTime());
      await until("both wakes have come", () => wakes.length === 2);
      expect(wakes[0]).toBeGreaterThanOrEqual(first.getTime());
      expect(wakes[1]).toBeGreaterThanOrEqual(second.getTime());
      expect(wakes[1]).toBeLessThan(second.getTime() + 20_000);
    });

    it("for the past comes now, also when it is asked for again by what it woke", async () => {
      const { open, repository, onWake } = stage();
      const job = repository();
      let wakes = 0;
      onWake(job, async () => {
        wakes += 1;
        if (wakes < 3) await open.queue.addWake(job, new Date(0));
        return done;
      });
      await open.queue.addWake(job, new Date(0));
      await until("it has come three times", () => wakes === 3);
    });

    it("is what a reconcile becomes that is wanted later: it delays no other", async () => {
      const { open, repository, onWake, onReconcile } = stage();
      const job = repository();
      const seen: string[] = [];
      onWake(job, async () => Promise.resolve(seen.push("wake")).then(() => done));
      onReconcile(job, async () => Promise.resolve(seen.push("reconcile")).then(() => done));
      await open.queue.addReconcile(job, { delayMs: 500 });
      await open.queue.addReconcile(job);
      await until("both have run", () => seen.length === 2);
      expect(seen).toEqual(["reconcile", "wake"]);
    });
  });

  describe("the figures", () => {
    it("say what runs, what waits and how long it has", async () => {
      const { open, repository, onReconcile } = stage();
      const gate = Promise.withResolvers<void>();
      const jobs = Array.from({ length: 6 }, () => repository());
      let running = 0;
      for (const job of jobs) {
        onReconcile(job, async () => {
          running += 1;
          await gate.promise;
          return done;
        });
        await open.queue.addReconcile(job);
      }
      await until("as many run as may", () => running === 4);
      const figures = async () =>
        (await open.stats()).find((each) => each.queue === "reconcile") ?? null;
      await until("the oldest has waited", async () => {
        const now = await figures();
        return now !== null && now.oldestWaitingSeconds > 0.3;
      });
      expect(await figures()).toMatchObject({ jobs: { active: 4, waiting: 2 } });
      gate.resolve();
      await until("all have run", () => running === 6);
      await until("nothing waits", async () => (await figures())?.oldestWaitingSeconds === 0);
    });
  });

  describe("a job that fails", () => {
    it("ends after three attempts, with its reason, is reported, shown and replayed", async () => {
      const { open, repository, onReconcile, failures, counted } = stage();
      const job = repository();
      const attempts: number[] = [];
      onReconcile(job, async (_job, { attempt }) => {
        attempts.push(attempt);
        if (attempts.length <= 3) throw new TypeError("s3cret is not a function");
        return Promise.resolve(done);
      });
      await open.queue.addReconcile(job);
      await until("it has failed for good", () =>
        failures.some(
          (failure) => "repository" in failure.job && failure.job.repository === job.repository,
        ),
      );
      expect(attempts).toEqual([0, 1, 2]);
      const [failed] = await failedOf(stage(), job.repository);
      expect(failed).toMatchObject({
        queue: "reconcile",
        attempts: 3,
        reason: "TypeError: *** is not a function",
        about: { repository: job.repository, installation: job.installation },
      });
      expect(counted).toContainEqual({
        name: "jobs_total",
        labels: { queue: "reconcile", result: "failed" },
      });
      const shown = await open.failed.show(failed?.id ?? "");
      expect(shown?.stack.join("\n")).toContain("suite-keeping");
      expect(JSON.stringify(shown)).not.toContain("s3cret");
      expect(await open.failed.replay(failed?.id ?? "")).toBe(true);
      await until("the replay has run", () => attempts.length === 4);
      expect(await failedOf(stage(), job.repository)).toEqual([]);
      expect(await open.failed.replay(failed?.id ?? "")).toBe(false);
    });

    it("ends at once when trying again cannot help", async () => {
      const { open, repository, onRollout, failures } = stage();
      const job = repository();
      let runs = 0;
      onRollout(job, async () => {
        runs += 1;
        throw await Promise.resolve(
          new Fault("argocd.refused", "Not allowed.", { retryable: false }),
        );
      });
      await open.queue.addRollout(rollout(job));
      await until("it has failed for good", () =>
        failures.some(({ reason }) => reason === "argocd.refused: Not allowed."),
      );
      expect(runs).toBe(1);
    });

    it("keeps a delivery's body, for the replay", async () => {
      const { open, onDelivery } = stage();
      const id = randomUUID();
      const bodies: string[] = [];
      onDelivery(id, async ({ body }) => {
        bodies.push(body);
        if (bodies.length === 1) throw new Fault("github.odd", "Odd.", { retryable: false });
        return Promise.resolve(done);
      });
      await open.queue.addDelivery(delivery(id));
      await until("it has failed", async () => (await failedOf(stage(), id)).length === 1);
      const [failed] = await failedOf(stage(), id);
      expect(await open.failed.show(failed?.id ?? "")).toMatchObject({ body: delivery(id).body });
      expect(await open.failed.replay(failed?.id ?? "")).toBe(true);
      await until("the replay has run", () => bodies.length === 2);
      expect(bodies[1]).toBe(delivery(id).body);
    });

    it("does not count runs that asked for later", async () => {
      const { open, repository, onRollout } = stage();
      const job = repository();
      let runs = 0;
      onRollout(job, async () => {
        runs += 1;
        if (runs === 5) throw new Error("once");
        return Promise.resolve(runs < 9 ? later(1) : done);
      });
      await open.queue.addRollout(rollout(job));
      await until("it has ended", () => runs === 9);
      expect(await failedOf(stage(), job.repository)).toEqual([]);
    });
  });
}

async function failedOf(stage: Stage, key: string) {
  const all = await stage.open.failed.list();
  return all.filter(({ about }) => Object.values(about).includes(key));
}
