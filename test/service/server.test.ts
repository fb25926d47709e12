import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { pino } from "pino";
import { afterEach, describe, expect, it } from "vitest";

import { createMetrics } from "../../service/metrics.ts";
import type { Service } from "../../service/server.ts";
import { startService } from "../../service/server.ts";
import { readSettings } from "../../service/settings.ts";
import { createTracing } from "../../service/tracing.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(environment: Record<string, string> = {}, random = () => 0.5) {
  const read = readSettings({
    TENANT_NAME: "tenant-a",
    ENVIRONMENT: "dev",
    VERSION: "sha-1a2b3c4",
    HOST: "127.0.0.1",
    PORT: "0",
    ...environment,
  });
  if (!read.ok) throw new Error(read.problems.join("\n"));
  const lines: Record<string, unknown>[] = [];
  const { tenant, environment: name, version } = read.settings;
  const log = pino(
    { level: "debug", base: { tenant, environment: name, version } },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const tracing = await createTracing(read.settings);
  const service: Service = await startService({
    settings: read.settings,
    metrics: createMetrics(read.settings),
    tracing,
    log,
    random,
    drainMs: 20,
  });
  cleanups.push(
    () => service.stop(),
    () => tracing.stop(),
  );
  const url = `http://127.0.0.1:${service.port}`;
  return { service, tracing, lines, url };
}

async function metric(url: string, start: string): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text.split("\n").filter((line) => line.startsWith(start));
}

async function eventually<T>(read: () => Promise<T> | T, holds: (value: T) => boolean): Promise<T> {
  const end = Date.now() + 5_000;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (Date.now() > end) throw new Error(`never: ${JSON.stringify(value)}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}

describe("the tenant's service", () => {
  it("greets with tenant, environment and version", async () => {
    const { url } = await start({ GREETING: "Moin" });
    const response = await fetch(url);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      message: "Moin, tenant-a",
      tenant: "tenant-a",
      environment: "dev",
      version: "sha-1a2b3c4",
    });
  });

  it.for(["/health", "/healthz", "/readyz", "/ready", "/work?ms=1", "/metrics"])(
    "answers %s with 200",
    async (path) => {
      const { url } = await start();
      expect((await fetch(`${url}${path}`)).status).toBe(200);
    },
  );

  it("is not ready before READINESS_DELAY_SEC, but alive", async () => {
    const { url } = await start({ READINESS_DELAY_SEC: "0.2" });
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    await eventually(
      async () => (await fetch(`${url}/ready`)).status,
      (status) => status === 200,
    );
  });

  it("fails the share of requests that FAIL_RATE says, and counts them with their duration", async () => {
    let next = 0;
    const { url } = await start({ FAIL_RATE: "0.5" }, () => [0.4, 0.6][next++ % 2]!);
    expect((await fetch(url)).status).toBe(500);
    expect((await fetch(url)).status).toBe(200);
    const counts = await metric(url, "http_request_duration_seconds_count");
    expect(counts.some((line) => line.includes('route="/",status="500"'))).toBe(true);
    expect(counts.some((line) => line.includes('route="/",status="200"'))).toBe(true);
  });

  it("says tenant, environment and version on every metric", async () => {
    const { url } = await start();
    await fetch(url);
    const text = await (await fetch(`${url}/metrics`)).text();
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(samples.length).toBeGreaterThan(20);
    for (const sample of samples) {
      expect(sample).toContain('tenant="tenant-a"');
      expect(sample).toContain('environment="dev"');
      expect(sample).toContain('version="sha-1a2b3c4"');
    }
    for (const bucket of ['le="0.5"', 'le="2"']) expect(text).toContain(bucket);
  });

  it("gives unknown paths and methods one label each", async () => {
    const { url } = await start();
    for (const path of ["/a", "/b/c", "/constructor", "/__proto__"]) {
      expect((await fetch(`${url}${path}`)).status).toBe(404);
    }
    const lines = (await metric(url, "http_requests_total")).filter((line) => !line.endsWith(" 0"));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/route="other",status="404".* 4$/);
  });

  it("measures a request that its caller gave up", async () => {
    const { url } = await start();
    const signal = AbortSignal.timeout(50);
    await expect(fetch(`${url}/work?ms=3000`, { signal })).rejects.toThrow(/aborted|timeout/i);
    const lines = await eventually(
      () => metric(url, "http_requests_total"),
      (seen) => seen.some((line) => line.includes('route="/work",status="499"')),
    );
    const counted = lines.filter((line) => line.includes('route="/work"') && !line.endsWith(" 0"));
    expect(counted).toHaveLength(1);
  });

  it.for(["http_requests_total", "http_request_duration_seconds_count"])(
    "has %s at zero before the first failure, which has a rate then",
    async (name) => {
      const { url } = await start({ FAIL_RATE: "1" });
      const series = 'method="GET",route="/",status="500"';
      const read = async () =>
        (await metric(url, name))
          .filter((line) => line.includes(series))
          .map((line) => line.at(-1));
      expect(await read()).toEqual(["0"]);
      expect((await fetch(url)).status).toBe(500);
      expect(await read()).toEqual(["1"]);
    },
  );

  it("logs what failed for a caller as an error, and neither probes nor successes", async () => {
    let next = 0;
    const { url, lines } = await start({ FAIL_RATE: "0.5" }, () => [0.4, 0.6][next++ % 2]!);
    await fetch(url);
    await fetch(url);
    await fetch(`${url}/missing`);
    await fetch(`${url}/health`);
    await eventually(
      () => lines.filter((line) => line["msg"] === "request"),
      (requests) => requests.length === 4,
    );
    // pino's own numbers: the process writes the words.
    const seen = lines
      .filter(({ msg }) => msg === "request")
      .map(({ level, status }) => `${String(level)} ${String(status)}`);
    expect(seen.sort()).toEqual(["20 200", "20 404", "30 200", "50 500"]);
  });

  it("says tenant, environment and version on every log line", async () => {
    const { url, lines } = await start();
    await fetch(url);
    await eventually(
      () => lines.length,
      (count) => count >= 2,
    );
    for (const line of lines) {
      expect(line).toMatchObject({
        tenant: "tenant-a",
        environment: "dev",
        version: "sha-1a2b3c4",
      });
    }
  });

  it("refuses work that would take for ever", async () => {
    const { url } = await start();
    for (const ms of ["-1", "99999", "x"]) {
      expect((await fetch(`${url}/work?ms=${ms}`)).status).toBe(400);
    }
  });

  it("sends request spans below the caller's traceparent", async () => {
    const bodies: string[] = [];
    const collector = createServer((request, response) => {
      request.setEncoding("utf8").on("data", (chunk: string) => bodies.push(chunk));
      request.on("end", () =>
        response.writeHead(200, { "content-type": "application/json" }).end("{}"),
      );
    });
    await new Promise<void>((resolve) => {
      collector.listen(0, "127.0.0.1", resolve);
    });
    cleanups.push(
      () =>
        new Promise((resolve) => {
          collector.closeAllConnections();
          collector.close(resolve);
        }),
    );
    const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    const { url, tracing, lines } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    await fetch(`${url}/work?ms=1`, {
      headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    await eventually(
      () => lines.find((line) => line["msg"] === "request"),
      (line) => line?.["trace_id"] === traceId,
    );
    await tracing.stop();
    expect(bodies.join("")).toContain(traceId);
    expect(bodies.join("")).toContain("GET /work");
  });
});
