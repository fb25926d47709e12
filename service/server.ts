import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { Logger } from "pino";

import type { Metrics } from "./metrics.ts";
import type { State } from "./routes.ts";
import { METRICS_PATH, methodLabel, OTHER_ROUTE, ROUTES, WORK_ROUTES } from "./routes.ts";
import type { Settings } from "./settings.ts";
import type { Tracing } from "./tracing.ts";

export type ServiceParts = {
  settings: Settings;
  metrics: Metrics;
  tracing: Tracing;
  log: Logger;
  random?: () => number;
  /** How long it still takes requests after the stop signal, until load balancers have seen `/readyz`. */
  drainMs?: number;
};

export type Service = {
  port: number;
  /** Readiness turns false at once; settles when no request is in flight any more. */
  stop(): Promise<void>;
};

const DRAIN_MS = 500;

/** Status label of a request whose caller hung up before the answer was complete, as proxies log it. */
const ABORTED = "499";

export async function startService(parts: ServiceParts): Promise<Service> {
  const { settings, metrics, tracing, log } = parts;
  const readyAt = Date.now() + settings.readinessDelaySeconds * 1_000;
  let stopping = false;
  let inFlight = 0;
  let whenIdle = () => {};
  const state: State = {
    settings,
    isReady: () => !stopping && Date.now() >= readyAt,
    random: parts.random ?? Math.random,
  };

  const server: Server = createServer((request, response) => {
    const begun = performance.now();
    inFlight += 1;
    const url = new URL(`http://service${request.url?.startsWith("/") ? request.url : "/"}`);
    const route = labelOf(url.pathname);
    const span = tracing.begin(request);
    // `close` comes exactly once, for finished and for aborted responses.
    response.once("close", () => {
      const status = response.writableFinished ? String(response.statusCode) : ABORTED;
      const seconds = (performance.now() - begun) / 1_000;
      const method = methodLabel(request.method);
      metrics.observe({ method, route, status, seconds });
      span.end(route, status);
      const fields = { method, route, status, seconds, trace_id: span.traceId };
      inFlight -= 1;
      if (inFlight === 0) whenIdle();
      log[levelOf(route, status)](fields, "request");
    });
    if (stopping) response.setHeader("connection", "close");
    respond(url, request, response).catch((error: unknown) => {
      log.error({ err: error, route, trace_id: span.traceId }, "request handler threw");
      if (response.headersSent) response.destroy();
      else send(response, 500, { error: "internal error" });
    });
  });

  async function respond(url: URL, request: IncomingMessage, response: ServerResponse) {
    request.resume();
    if (url.pathname === METRICS_PATH) {
      metrics.setReady(state.isReady());
      response.writeHead(200, { "content-type": metrics.contentType });
      response.end(await metrics.print());
      return;
    }
    const route = Object.hasOwn(ROUTES, url.pathname) ? ROUTES[url.pathname] : undefined;
    if (route === undefined) return send(response, 404, { error: "not found" });
    const reply = await route.handle(state, url.searchParams);
    if (!response.destroyed) send(response, reply.status, reply.body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  log.info({ port }, "listening");

  return {
    port,
    async stop() {
      stopping = true;
      await sleep(parts.drainMs ?? DRAIN_MS);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        // Also ends connections on which no request ever came: Node does not count them as idle.
        whenIdle = () => setImmediate(() => server.closeAllConnections());
        if (inFlight === 0) whenIdle();
      });
    },
  };
}

/** Probes are noise, and `/readyz` is meant to answer 503; what failed for a caller is found by `|= "error"`. */
function levelOf(route: string, status: string): "debug" | "info" | "error" {
  if (!WORK_ROUTES.includes(route)) return "debug";
  return status.startsWith("5") ? "error" : "info";
}

function labelOf(path: string): string {
  if (path === METRICS_PATH) return METRICS_PATH;
  return Object.hasOwn(ROUTES, path) ? ROUTES[path]!.label : OTHER_ROUTE;
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
