import { describe, expect, it } from "vitest";

import type { StoredJob } from "#adapters/bullmq/queue-backend.ts";
import { runJob } from "#adapters/bullmq/run-job.ts";
import type { JobHandlers } from "#ports/job-queue.ts";

import { quietDeps } from "../../queue/quiet.ts";
import { delivery } from "../../queue/stage.ts";

describe("a run", () => {
  it("ends at once when the process died between the work and its end", async () => {
    const stored = {
      id: "github-1",
      attemptsMade: 0,
      opts: {},
      data: { job: delivery("1", ""), finished: true },
    } as unknown as StoredJob;
    const never = async (): Promise<never> => Promise.reject(new Error("must not be run again"));
    const handlers: JobHandlers = {
      deliveries: never,
      reconcile: never,
      rollouts: never,
      wakes: never,
      notifications: never,
      loads: never,
    };
    const deps = {
      ...quietDeps(),
      backend: {
        hasFollower: async () => Promise.resolve(false),
        takeFollower: async () => Promise.resolve(false),
      },
      firstPauseMs: 1,
    };
    const { signal } = new AbortController();
    await expect(
      runJob("deliveries", stored, "token", signal, handlers, deps),
    ).resolves.toBeUndefined();
  });
});
