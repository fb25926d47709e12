import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import type { Bench } from "./test-bench.ts";
import { isSettled, poll, startBench, values } from "./test-bench.ts";

const DEV = "gitops/tenants/tenant-a/dev.yaml";
const APPS = [
  {
    name: "tenant-a-dev",
    project: "dev",
    valueFiles: [DEV],
    labels: { "promotion-bot": "enabled" },
  },
  { name: "tenant-a-other", project: "dev", valueFiles: [DEV] },
];
let bench: Bench;
const receivers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of receivers.splice(0)) await close();
  await bench.close();
});

type Seen = { app: string; phase: string | null; authorization: string | undefined };

async function receiver(statusOf: (attempt: number) => number) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => {
      const body = JSON.parse(text) as { app: string; phase: string | null };
      seen.push({ ...body, authorization: request.headers.authorization });
      response.writeHead(statusOf(seen.length)).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  receivers.push(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/argocd`,
  };
}

describe("notifications", () => {
  it("fire once at each edge, for subscribed applications only", async () => {
    const { seen, url } = await receiver(() => 202);
    bench = await startBench({
      apps: APPS,
      speed: 4,
      notifications: { url, token: "t0ken", selector: "promotion-bot=enabled" },
    });
    await bench.until("tenant-a-dev", isSettled);
    await poll(() => seen.map((item) => item.phase)).toContain("Succeeded");
    const count = seen.length;
    const sha = await bench.repository.commit({ [DEV]: values("v2") });
    await bench.call("GET", "/api/v1/applications/tenant-a-dev?refresh=normal");
    await bench.until("tenant-a-dev", (app) => isSettled(app, sha));
    // Once more where the operation and the comparison before it fall into one second: Succeeded, and still Healthy of old.
    await poll(() =>
      seen
        .slice(count)
        .map((item) => item.phase)
        .join(),
    ).toMatch(/^Running(,Succeeded){1,2}$/);
    expect(new Set(seen.map((item) => item.app))).toEqual(new Set(["tenant-a-dev"]));
    expect(seen[0]?.authorization).toBe("Bearer t0ken");
    await bench.until(
      "tenant-a-dev",
      (app) => app.metadata.annotations?.["notified.notifications.argoproj.io"] !== undefined,
    );
  });

  it("are tried again after 5xx, and given up after four attempts until the next evaluation", async () => {
    const { seen, url } = await receiver((attempt) => (attempt <= 5 ? 503 : 202));
    bench = await startBench({ apps: APPS.slice(0, 1), speed: 50, notifications: { url } });
    await poll(() => seen.length).toBeGreaterThan(5);
  });

  it("are lost for ever when they failed under oncePer", async () => {
    const { seen, url } = await receiver(() => 400);
    bench = await startBench({
      apps: APPS.slice(0, 1),
      speed: 50,
      timings: { notificationResync: 1_000 },
      notifications: { url, oncePer: true },
    });
    const app = await bench.until(
      "tenant-a-dev",
      (seenApp) =>
        isSettled(seenApp) &&
        Object.values(seenApp.metadata.annotations ?? {})
          .join("")
          .includes("on-deployed"),
    );
    const revision = app.status.operationState?.syncResult?.revision;
    const keys = Object.keys(
      JSON.parse(app.metadata.annotations!["notified.notifications.argoproj.io"]!) as object,
    );
    expect(keys.every((key) => key.startsWith(`${revision}:`) || key.startsWith(":"))).toBe(true);
    const count = seen.length;
    // Several resyncs later it has not been sent again.
    const version = Number(app.metadata.resourceVersion);
    bench.simulator.admin.editApp("tenant-a-dev", { labels: { a: "b" } });
    await bench.until("tenant-a-dev", (now) => Number(now.metadata.resourceVersion) > version);
    await poll(() => bench.simulator.admin.timeline().length).toBeGreaterThan(0);
    expect(seen.length).toBe(count);
  });
});
