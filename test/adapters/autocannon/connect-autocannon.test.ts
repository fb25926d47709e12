import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import { afterEach, describe, expect, it } from "vitest";

import { connectAutocannon, fillTemplate } from "#adapters/autocannon/connect-autocannon.ts";

const place = { tenant: "tenant-a", environment: "staging", service: "demo-api" };
const wish = { durationMs: 1_000, warmUpMs: 0, connections: 4, paths: ["/"] };
const endless = new AbortController().signal;

const servers: ReturnType<typeof createServer>[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A real server, and the driver in front of it. */
async function aService(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const template = `http://127.0.0.1:${port}/{environment}/{tenant}/`;
  return { asked, driver: connectAutocannon({ template }), template };
}

describe("driving a service", () => {
  it("calls the paths of the tenant's service by chance, and counts what was answered", async () => {
    const { asked, driver } = await aService((_request, response) => response.end("ok"));
    const figures = await driver.drive(place, { ...wish, paths: ["/work", "/health"] }, endless);
    expect(new Set(asked)).toEqual(new Set(["/staging/tenant-a/work", "/staging/tenant-a/health"]));
    const pairs = asked.slice(0, 40).map((path) => path.endsWith("/work"));
    expect(new Set(pairs).size).toBe(2);
    expect(figures).toMatchObject({ successRate: 1, httpFailures: 0, networkFailures: 0 });
    const { p50, p90, p95, p99, maximum, average, requestsPerSecond } = figures;
    expect(requestsPerSecond).toBeGreaterThan(1);
    const times = [p50, p90, p95, p99, maximum].map(Number);
    expect(times.every((time) => time > 0 && time < 2)).toBe(true);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(average).toBeGreaterThan(0);
  });

  it("failures end nothing and are told apart", async () => {
    let count = 0;
    const { driver } = await aService((request, response) => {
      count += 1;
      if (count % 3 === 0) request.socket.destroy();
      else response.writeHead(count % 3 === 1 ? 200 : 503).end();
    });
    const figures = await driver.drive(place, wish, endless);
    expect(figures.httpFailures).toBeGreaterThan(0);
    expect(figures.networkFailures).toBeGreaterThan(0);
    expect(figures.successRate).toBeGreaterThan(0);
    expect(figures.successRate).toBeLessThan(1);
  });

  it("an answer that ends its connection is no failure", async () => {
    const { driver } = await aService((_request, response) => {
      response.writeHead(200, { connection: "close" }).end("ok");
    });
    const figures = await driver.drive(place, wish, endless);
    expect(figures.successRate).toBe(1);
    expect(figures.requestsPerSecond).toBeGreaterThan(10);
  });

  it("slow answers are seen in the times", async () => {
    let count = 0;
    const { driver } = await aService((_request, response) => {
      count += 1;
      void pause(count % 4 === 0 ? 200 : 1).then(() => response.end());
    });
    const figures = await driver.drive(place, wish, endless);
    expect(figures.p99).toBeGreaterThan(0.15);
    expect(figures.maximum).toBeGreaterThan(0.15);
  });

  it("nobody there is no success, and no times", async () => {
    const { template, driver } = await aService((_request, response) => response.end());
    await new Promise((resolve) => servers[0]?.close(resolve));
    servers.splice(0);
    expect(template).toContain("127.0.0.1");
    const figures = await driver.drive(place, wish, endless);
    expect(figures).toMatchObject({ successRate: 0, requestsPerSecond: 0, p95: null });
    expect(figures.networkFailures).toBeGreaterThan(0);
  });

  it("what warms it up is not counted", async () => {
    let begun: number | null = null;
    const { driver } = await aService((_request, response) => {
      begun ??= performance.now();
      response.writeHead(performance.now() - begun < 700 ? 500 : 200).end();
    });
    const figures = await driver.drive(place, { ...wish, warmUpMs: 1_000 }, endless);
    expect(figures).toMatchObject({ successRate: 1, httpFailures: 0 });
  });

  it("stops at once when it is told to", async () => {
    const { asked, driver } = await aService((_request, response) => response.end());
    const stop = new AbortController();
    const driven = driver.drive(place, { ...wish, durationMs: 60_000 }, stop.signal);
    while (asked.length === 0) await pause(5);
    stop.abort("stopping");
    await expect(driven).rejects.toThrow("stopped");
  });
});

describe("the address", () => {
  it("comes from the setting alone", () => {
    expect(fillTemplate("https://{tenant}.{environment}.example.com/{service}", place)).toBe(
      "https://tenant-a.staging.example.com/demo-api",
    );
  });

  it("without the setting there is none", async () => {
    const driver = connectAutocannon({ template: null });
    expect(driver.configured).toBe(false);
    await expect(driver.drive(place, wish, endless)).rejects.toThrow("LOAD_URL_TEMPLATE");
  });
});
