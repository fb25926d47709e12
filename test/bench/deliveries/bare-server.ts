import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { Queue } from "bullmq";
import { Redis } from "ioredis";

/**
 * The least that acknowledges a delivery: `node:http`, an HMAC over the body, `queue.add`, 202. No limits, no deadlines,
 * no metrics: what Sluice's own edge is measured against.
 */
const { REDIS_URL: redisUrl = "", WEBHOOK_SECRET: secret = "" } = process.env;
const queue = new Queue("bare", {
  connection: new Redis(redisUrl, { maxRetriesPerRequest: null }),
  prefix: "{bare}",
});
await queue.waitUntilReady();

const server = createServer((request, response) => {
  answer(request, response).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    response.writeHead(500).end();
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const claimed = Buffer.from(String(request.headers["x-hub-signature-256"]).slice(7), "hex");
  const expected = createHmac("sha256", secret).update(body).digest();
  if (claimed.length !== expected.length || !timingSafeEqual(claimed, expected)) {
    response.writeHead(401).end();
    return;
  }
  const id = String(request.headers["x-github-delivery"]);
  const event = String(request.headers["x-github-event"]);
  await queue.add("delivery", { id, event, body: body.toString() }, { jobId: id });
  response.writeHead(202).end();
}
