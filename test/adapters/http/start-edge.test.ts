import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Fault } from "#core/error.ts";

import { anEdge, deliver, post, rawConnection, signedHeaders } from "./an-edge.ts";
import type { TestEdge } from "./an-edge.ts";

describe("the edge", () => {
  let edge: TestEdge;
  beforeEach(async () => {
    edge = await anEdge();
  });
  afterEach(async () => {
    await edge.stop();
  });

  it.for([
    ["GET", "/livez", 200, null],
    ["HEAD", "/livez", 200, null],
    ["GET", "/readyz", 200, null],
    ["GET", "/metrics", 200, null],
    ["GET", "/livez?verbose", 200, null],
    ["POST", "/livez", 405, "GET"],
    ["GET", "/", 405, "POST"],
    ["GET", "/api/github/webhooks", 405, "POST"],
    ["PUT", "/api/github/webhooks", 405, "POST"],
    ["DELETE", "/webhooks/argocd", 405, "POST"],
    ["GET", "/nothing", 404, null],
    ["POST", "/api/github/webhooks/", 404, null],
    ["POST", "//api/github/webhooks", 404, null],
    ["POST", "/__proto__", 404, null],
  ] as const)("%s %s is %i", async ([method, path, status, allow]) => {
    const response = await fetch(`${edge.url}${path}`, { method });
    expect(response.status).toBe(status);
    expect(response.headers.get("allow")).toBe(allow);
    const text = await response.text();
    if (status >= 400) expect(JSON.parse(text)).toEqual({ error: expect.any(String) as unknown });
  });

  it("takes GitHub's deliveries at both paths", async () => {
    for (const path of ["/", "/api/github/webhooks", "/api/github/webhooks?a=b"]) {
      expect(await post(edge, path, "{}", signedHeaders("{}"))).toMatchObject({ status: 202 });
    }
    expect(edge.stored).toHaveLength(3);
  });

  it("says on /readyz what is missing, without secrets of a cause", async () => {
    const reason = new Fault("queue.unavailable", "The queue does not answer at the moment.", {
      retryable: true,
      cause: new Error("redis://user:secret@host"),
    });
    const unready = await anEdge({}, { ready: () => Promise.reject(reason) });
    const response = await fetch(`${unready.url}/readyz`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: "The queue does not answer at the moment." });
    expect((await fetch(`${unready.url}/livez`)).status).toBe(200);
    await unready.stop();
  });

  it("answers 503 when the delivery cannot be stored, and says so in the log", async () => {
    const down = new Fault("queue.unavailable", "The queue does not take jobs at the moment.", {
      retryable: true,
    });
    const broken = await anEdge({}, { addDelivery: () => Promise.reject(down) });
    expect(await deliver(broken, "{}")).toEqual({
      status: 503,
      body: {
        error:
          "The delivery was not stored; send it again later. The queue does not take jobs at the moment.",
      },
    });
    expect(broken.counted).toContainEqual({
      name: "webhook_deliveries_total",
      labels: { event: "push", result: "unavailable" },
    });
    expect(broken.logged).toHaveLength(1);
    await broken.stop();
  });

  it("refuses to listen where another listens, with the remedy", async () => {
    await expect(anEdge({ port: edge.port })).rejects.toThrow("Set another PORT or HOST");
  });

  describe("when it stops", () => {
    it("answers what is under way and takes nothing new", async () => {
      const gate = Promise.withResolvers<void>();
      const begun = Promise.withResolvers<void>();
      const slow = await anEdge(
        {},
        {
          addDelivery: async () => {
            begun.resolve();
            await gate.promise;
          },
        },
      );
      const underWay = fetch(`${slow.url}/`, {
        method: "POST",
        body: "{}",
        headers: signedHeaders("{}"),
      });
      await begun.promise;
      const closed = slow.close(5_000);
      await expect(fetch(`${slow.url}/livez`)).rejects.toThrow("fetch failed");
      gate.resolve();
      const response = await underWay;
      expect(response.status).toBe(202);
      expect(response.headers.get("connection")).toBe("close");
      await closed;
    });

    it("does not wait for idle or endless connections", async () => {
      const { socket } = rawConnection(edge);
      await once(socket, "connect");
      socket.write("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n{");
      await fetch(`${edge.url}/livez`);
      await pause(20);
      const started = performance.now();
      await edge.close(300);
      expect(performance.now() - started).toBeLessThan(1_500);
      socket.destroy();
    });
  });
});
