import type { QueueSettings } from "#adapters/bullmq/open-queue.ts";

import { openStage, shortLocks } from "./stage.ts";

/** Begins a reconcile that never ends, says so, and waits to be killed. */
const [settings = "", repository = ""] = process.argv.slice(2);
const stage = await openStage(JSON.parse(settings) as QueueSettings, shortLocks);
const job = { installation: 7, repository };
const never = Promise.withResolvers<never>();
stage.onReconcile(job, async () => {
  console.log("running");
  return never.promise;
});
await stage.open.queue.addReconcile(job);
