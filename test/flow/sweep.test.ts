import { afterEach, expect, it } from "vitest";

import { sweep } from "#flow/sweep.ts";
import type { DeliveryJob } from "#ports/job-queue.ts";

import { aPlatform } from "./a-platform.ts";

type Platform = Awaited<ReturnType<typeof aPlatform>>;

const open: Platform[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((platform) => platform.close()));
});

const minute = 60_000;

/** Sweeps once while GitHub lists these deliveries, newest first; gives the ids that were queued. */
async function swept(
  platform: Platform,
  deliveries: readonly { event: string; action: string | null; acknowledged?: boolean }[],
): Promise<readonly string[]> {
  const { deps } = platform;
  const queued: DeliveryJob[] = [];
  const deliveredAt = new Date(platform.now().getTime() - minute);
  const host: typeof deps.host = {
    ...deps.host,
    installations: async () => [],
    async *deliveries({ failed }) {
      for (const [at, { acknowledged = true, ...one }] of deliveries.entries())
        if (!failed || !acknowledged)
          yield {
            ...one,
            acknowledged,
            id: String(at),
            guid: `g${at}`,
            installation: 1,
            deliveredAt,
          };
    },
    delivery: async () => ({ event: "issue_comment", body: "{}" }),
  };
  const queue = { ...deps.queue, addDelivery: async (job: DeliveryJob) => void queued.push(job) };
  const handled = new Set(["issue_comment", "workflow_run"]);
  await sweep({ ...deps, host, queue }, handled, new AbortController().signal);
  expect(queued.map(({ sentAt }) => sentAt)).toEqual(queued.map(() => deliveredAt.toISOString()));
  return queued.map(({ id }) => id);
}

async function start(): Promise<Platform> {
  const platform = await aPlatform();
  open.push(platform);
  return platform;
}

it("commands that were acknowledged come back where the memory was emptied, and only there", async () => {
  const platform = await start();
  const deliveries = [
    { event: "issue_comment", action: "created" },
    { event: "issue_comment", action: "edited" },
    { event: "check_run", action: "created" },
    { event: "workflow_run", action: "completed" },
    { event: "issue_comment", action: "created", acknowledged: false },
  ];
  expect(await swept(platform, deliveries)).toEqual(["g4", "again-g0", "again-g3"]);
  expect(await swept(platform, deliveries)).toEqual(["g4"]);
});

it("many comments keep no candidate from being read back", async () => {
  const platform = await start();
  const comments = Array.from({ length: 150 }, () => ({
    event: "issue_comment",
    action: "created",
  }));
  const ids = await swept(platform, [...comments, { event: "workflow_run", action: "completed" }]);
  expect(ids).toHaveLength(101);
  expect(ids.at(-1)).toBe("again-g150");
});
