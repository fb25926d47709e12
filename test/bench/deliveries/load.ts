import { createHmac, randomUUID } from "node:crypto";
import { createRequire } from "node:module";

import autocannon from "autocannon";

import { webhookSecret } from "../lone-bot.ts";

const body = JSON.stringify(pushExample());
const signature = createHmac("sha256", webhookSecret).update(body).digest("hex");
const connections = 32;

export type Load = {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
};

/** Bytes of the delivery that is sent: GitHub's own example of a push. */
export const deliveryBytes = Buffer.byteLength(body);

/**
 * Signed deliveries, each with a GUID of its own, as fast as they are acknowledged or at a steady rate. Latencies at a
 * steady rate count from when a delivery was due, so that a stall is not hidden by what was not sent meanwhile.
 */
export async function sendDeliveries(
  url: string,
  options: { seconds: number; rate?: number },
): Promise<Load> {
  const result = await autocannon({
    url: `${url}/api/github/webhooks`,
    connections,
    duration: options.seconds,
    ...(options.rate === undefined ? {} : { overallRate: options.rate }),
    requests: [
      {
        method: "POST",
        body,
        setupRequest: (request) => ({
          ...request,
          headers: {
            "content-type": "application/json",
            "x-github-event": "push",
            "x-github-delivery": randomUUID(),
            "x-hub-signature-256": `sha256=${signature}`,
          },
        }),
      },
    ],
  });
  const acknowledged = result.statusCodeStats?.["202"]?.count ?? 0;
  const lost = result.errors + result.timeouts + result.non2xx;
  if (lost > 0 || acknowledged === 0)
    throw new Error(`${lost} of ${acknowledged + lost} deliveries were not acknowledged`);
  return {
    perSecond: acknowledged / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}

function pushExample(): object {
  const require = createRequire(import.meta.url);
  const webhooks = require("@octokit/webhooks-examples") as readonly {
    readonly name: string;
    readonly examples: readonly object[];
  }[];
  const example = webhooks.find(({ name }) => name === "push")?.examples[0];
  if (example === undefined) throw new Error("there is no example of a push");
  return example;
}
