import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";

import type { Stage } from "../../stage/stage.ts";

type Delivery = {
  readonly event: string;
  readonly payload: object;
  readonly requestHeaders: Readonly<Record<string, string>>;
};

/** Events that come in masses: every job of every workflow sends them. */
const frequent: ReadonlySet<string> = new Set(["check_run", "check_suite", "workflow_run", "push"]);
/** Bytes: a push that brings the files of a thousand tenants is no everyday one. */
const largest = 30_000;
/** As many as GitHub opens to one receiver. */
const connections = 16;
const mostTries = 50;

/** What the simulated GitHub has sent until now of that what comes in masses. */
export async function sentUntilNow(stage: Stage): Promise<readonly Delivery[]> {
  const all = await stage.githubControl.get<readonly Delivery[]>("deliveries");
  const found = all.filter(
    ({ event, payload }) => frequent.has(event) && JSON.stringify(payload).length <= largest,
  );
  if (found.length === 0) throw new Error("nothing was delivered that could come in masses");
  return found;
}

/**
 * Sends so many of them once more, each as a delivery of its own; over when the last one is acknowledged.
 *
 * @returns how many of them wait in the queue then.
 */
export async function sendBurst(
  stage: Stage,
  samples: readonly Delivery[],
  count: number,
): Promise<number> {
  const waiting = Array.from({ length: count }, (_, index) => samples[index % samples.length]);
  await Promise.all(
    Array.from({ length: connections }, async () => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await send(stage, one);
    }),
  );
  const metrics = await (await fetch(`${stage.bot.url}/metrics`)).text();
  const line = /^sluice_queue_jobs\{queue="deliveries",state="waiting"\} (\d+)$/m.exec(metrics);
  if (line === null) throw new Error("the bot does not say how many deliveries wait");
  return Number(line[1]);
}

/** What the bot cannot store in time it asks for again: the queue is to be full, not the bench to stop. */
async function send(stage: Stage, { event, payload }: Delivery): Promise<void> {
  const body = JSON.stringify(payload);
  const hmac = createHmac("sha256", stage.github.webhookSecret).update(body).digest("hex");
  const headers = {
    "content-type": "application/json",
    "x-github-event": event,
    "x-github-delivery": randomUUID(),
    "x-hub-signature-256": `sha256=${hmac}`,
  };
  for (let tries = 0; tries < mostTries; tries += 1) {
    const url = `${stage.bot.url}/api/github/webhooks`;
    const response = await fetch(url, { method: "POST", headers, body });
    await response.body?.cancel();
    if (response.status === 202) return;
    if (response.status !== 503) throw new Error(`a delivery was answered ${response.status}`);
    await pause(200);
  }
  throw new Error(`a delivery was refused ${mostTries} times`);
}
