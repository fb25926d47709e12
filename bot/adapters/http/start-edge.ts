import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { Fault, messageOf } from "#core/error.ts";

import type { Edge, EdgeDeps, EdgeSettings } from "./edge-settings.ts";
import { answerMalformed } from "./malformed-request.ts";
import { BodyBudget } from "./read-body.ts";
import { createReceivers } from "./receive.ts";
import type { Receiver } from "./receive.ts";
import { refusal, send } from "./reply.ts";
import type { Reply } from "./reply.ts";

/** What strangers' and GitHub's bodies together may hold in memory while they are read. */
const bodyBudgetBytes = 64 * 1024 * 1024;
/** How long, and how much of, the rest of a refused body is drained, so that its sender gets to read the refusal. */
const lingerMs = 1_000;
const drainBytes = 1024 * 1024;

type Route =
  | { readonly method: "POST"; readonly receive: Receiver }
  | { readonly method: "GET"; readonly answer: (response: ServerResponse) => Promise<void> };

/** The bot's own HTTP edge. Resolves when it listens. */
export async function startEdge(settings: EdgeSettings, deps: EdgeDeps): Promise<Edge> {
  const timeoutMs = settings.timeoutMs ?? 10_000;
  const server = createServer({
    headersTimeout: timeoutMs,
    requestTimeout: timeoutMs,
    // Node looks only every 30 s by default, so that a timeout of 10 s would be one of 40.
    connectionsCheckingInterval: Math.min(1_000, timeoutMs / 4),
    keepAliveTimeout: 5_000,
  });
  server.maxConnections = settings.maxConnections ?? 2_000;
  let closing = false;
  const routes = createRoutes(settings, deps, () => closing);

  server.on("clientError", (error: Error, socket: Socket) => answerMalformed(error, socket));
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response, routes, deps, () => closing).catch((error: unknown) => {
      deps.log.error({ err: error }, "a request could not be answered");
      if (response.headersSent) response.destroy();
      else
        send(
          response,
          refusal(500, "unavailable", "Sluice made a mistake; its log says which."),
          true,
        );
    });
  });
  await listen(server, settings);
  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(":") ? `[${settings.host}]` : settings.host;
  return {
    url: `http://${host}:${port}`,
    port,
    close: (deadlineMs) => {
      closing = true;
      return closeServer(server, deadlineMs);
    },
  };
}

function createRoutes(
  settings: EdgeSettings,
  deps: EdgeDeps,
  isClosing: () => boolean,
): ReadonlyMap<string, Route> {
  const receivers = createReceivers(settings, deps, new BodyBudget(bodyBudgetBytes));
  const ok: Reply = { status: 200, result: "accepted", body: { status: "ok" } };
  const live: Route = {
    method: "GET",
    answer: async (response) => Promise.resolve(send(response, ok, isClosing())),
  };
  const ready: Route = {
    method: "GET",
    answer: async (response) => {
      const problem = isClosing() ? "Sluice is stopping." : await problemOf(deps.ready);
      send(response, problem === null ? ok : refusal(503, "unavailable", problem), isClosing());
    },
  };
  const metrics: Route = {
    method: "GET",
    answer: async (response) => {
      const { contentType, text } = await deps.metrics();
      response.writeHead(200, { "content-type": contentType });
      response.end(text);
    },
  };
  return new Map<string, Route>([
    ["/api/github/webhooks", { method: "POST", receive: receivers.github }],
    ["/", { method: "POST", receive: receivers.github }],
    ["/webhooks/registry/generic", { method: "POST", receive: receivers.registry }],
    ["/webhooks/argocd", { method: "POST", receive: receivers.argocd }],
    ["/livez", live],
    ["/readyz", ready],
    ["/metrics", metrics],
  ]);
}

async function problemOf(ready: () => Promise<void>): Promise<string | null> {
  try {
    await ready();
    return null;
  } catch (error) {
    return error instanceof Fault ? error.message : `Sluice is not ready: ${messageOf(error)}`;
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  routes: ReadonlyMap<string, Route>,
  deps: EdgeDeps,
  isClosing: () => boolean,
): Promise<void> {
  const route = routes.get(pathOf(request.url ?? "/"));
  if (route === undefined) {
    return sendAndCut(
      request,
      response,
      refusal(404, "unsupported", "There is nothing at this path."),
    );
  }
  const { method = "" } = request;
  if (method !== route.method && !(method === "HEAD" && route.method === "GET")) {
    const headers = { allow: route.method };
    return sendAndCut(
      request,
      response,
      refusal(405, "unsupported", `This path takes ${route.method} only.`, { headers }),
    );
  }
  if (route.method === "GET") return route.answer(response);

  const started = performance.now();
  const { reply, event } = await route.receive(request);
  deps.meter.count("webhook_deliveries_total", { event, result: reply.result });
  deps.meter.observe("webhook_duration_seconds", {}, (performance.now() - started) / 1_000);
  if (reply.cut === true) return sendAndCut(request, response, reply);
  send(response, reply, isClosing());
}

function pathOf(url: string): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

/**
 * Answers before the request has been read to its end. The answer is complete at once, but the connection is drained
 * for a moment before it is closed: closing on unread bytes would reset it, and the sender would never see why.
 */
function sendAndCut(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (request.complete || request.destroyed) return send(response, reply, true);
  const text = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    connection: "close",
    ...reply.headers,
  });
  response.write(text);
  const timer = setTimeout(() => request.destroy(), lingerMs);
  let drained = 0;
  request.on("data", (chunk: Buffer) => {
    drained += chunk.length;
    if (drained > drainBytes) request.pause();
  });
  request.resume();
  request.once("end", () => response.end());
  request.once("close", () => clearTimeout(timer));
}

async function listen(server: Server, settings: EdgeSettings): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(settings.port, settings.host, resolve);
  try {
    await promise;
  } catch (error) {
    throw new Fault(
      "http.cannot-listen",
      `Cannot listen on ${settings.host}:${settings.port}: ${messageOf(error)}. Set another PORT or HOST, or stop what listens there.`,
      { retryable: false, cause: error },
    );
  } finally {
    server.off("error", reject);
  }
}

async function closeServer(server: Server, deadlineMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await promise;
  clearTimeout(timer);
}
