import type { IncomingMessage, ServerResponse } from "node:http";

import { sessionOf } from "./access.ts";
import { canI, createSession, createToken, userInfo, version } from "./account.ts";
import type { Api, Route } from "./api.ts";
import { readBody } from "./api.ts";
import { getApplication, listApplications } from "./applications.ts";
import { events, getApplicationSet, listApplicationSets, revisionMetadata } from "./detail.ts";
import { parseFields } from "./fields.ts";
import { ApiError, sendError, sendJson, sendText } from "./reply.ts";
import { sendStreamError, streamApplications } from "./stream.ts";
import { rollbackApplication, syncApplication, syncWindows, terminateOperation } from "./sync.ts";
import { managedResources, resourceTree } from "./tree.ts";

const APPS = "/api/v1/applications";

const ROUTES: Route[] = [
  { method: "GET", pattern: "/api/version", operation: "version", open: true, handle: version },
  {
    method: "POST",
    pattern: "/api/v1/session",
    operation: "login",
    open: true,
    handle: createSession,
  },
  {
    method: "GET",
    pattern: "/api/v1/session/userinfo",
    operation: "userinfo",
    open: true,
    handle: userInfo,
  },
  {
    method: "POST",
    pattern: "/api/v1/account/{name}/token",
    operation: "create-token",
    handle: createToken,
  },
  {
    method: "GET",
    pattern: "/api/v1/account/can-i/{resource}/{action}/{subresource=**}",
    operation: "can-i",
    handle: canI,
  },
  { method: "GET", pattern: APPS, operation: "list", handle: listApplications },
  { method: "GET", pattern: `${APPS}/{name}`, operation: "get", handle: getApplication },
  { method: "POST", pattern: `${APPS}/{name}/sync`, operation: "sync", handle: syncApplication },
  {
    method: "DELETE",
    pattern: `${APPS}/{name}/operation`,
    operation: "terminate",
    handle: terminateOperation,
  },
  {
    method: "POST",
    pattern: `${APPS}/{name}/rollback`,
    operation: "rollback",
    handle: rollbackApplication,
  },
  {
    method: "GET",
    pattern: `${APPS}/{name}/syncwindows`,
    operation: "sync-windows",
    handle: syncWindows,
  },
  {
    method: "GET",
    pattern: `${APPS}/{name}/resource-tree`,
    operation: "resource-tree",
    handle: resourceTree,
  },
  {
    method: "GET",
    pattern: `${APPS}/{name}/managed-resources`,
    operation: "managed-resources",
    handle: managedResources,
  },
  { method: "GET", pattern: `${APPS}/{name}/events`, operation: "events", handle: events },
  {
    method: "GET",
    pattern: `${APPS}/{name}/revisions/{revision}/metadata`,
    operation: "revision-metadata",
    handle: revisionMetadata,
  },
  {
    method: "GET",
    pattern: "/api/v1/applicationsets",
    operation: "list-sets",
    handle: listApplicationSets,
  },
  {
    method: "GET",
    pattern: "/api/v1/applicationsets/{name}",
    operation: "get-set",
    handle: getApplicationSet,
  },
  {
    method: "GET",
    pattern: "/api/v1/stream/applications",
    operation: "stream",
    handle: streamApplications,
  },
];

export type Matched = { route: Route; params: Record<string, string> };

/** The route, or the status that the gateway answers for want of one. */
export function match(method: string, path: string): Matched | 404 | 405 {
  let other = false;
  for (const route of ROUTES) {
    const params = matchPattern(route.pattern, path);
    if (params === undefined) continue;
    if (route.method === method) return { route, params };
    other = true;
  }
  return other ? 405 : 404;
}

const COMPILED = new Map<string, RegExp>();

function matchPattern(pattern: string, path: string): Record<string, string> | undefined {
  let compiled = COMPILED.get(pattern);
  if (compiled === undefined) {
    const body = pattern
      .replace(/\{(\w+)=\*\*\}/g, "(?<$1>.+)")
      .replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    compiled = new RegExp(`^${body}$`);
    COMPILED.set(pattern, compiled);
  }
  const found = compiled.exec(path);
  if (found === null) return undefined;
  return Object.fromEntries(
    Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
  );
}

/** Answers one request of the API. */
export async function answer(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
  input: { url: URL; text: string; matched: Matched | 404 | 405; gone: AbortSignal },
): Promise<void> {
  const { url, matched, gone } = input;
  const method = request.method ?? "GET";
  // The whole header value is compared, and before anything else (server/server.go:1288-1300).
  if (method !== "GET" && request.headers["content-type"] !== "application/json") {
    sendText(response, 415, "Invalid content type");
    return;
  }
  if (matched === 404) return sendText(response, 404, "Not Found");
  if (matched === 405) return sendText(response, 405, "Method Not Allowed");
  try {
    const session = matched.route.open
      ? { account: "", claims: { sub: "", iss: "", jti: "", iat: 0 } }
      : sessionOf(request, api.mint, api.world.scheduler.now());
    if (session === undefined) throw new ApiError(16, "no session information");
    const result = await withinDeadline(request, () =>
      matched.route.handle({
        api,
        request,
        response,
        params: matched.params,
        query: url.searchParams,
        body: readBody(input.text),
        session,
        gone,
      }),
    );
    if (result !== undefined && !response.writableEnded) sendJson(response, result);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else if (error instanceof ApiError && matched.route.operation === "stream") {
      const sse = request.headers.accept === "text/event-stream";
      const projection = parseFields(url.searchParams);
      sendStreamError(response, error, { sse, started: false, projection });
    } else if (error instanceof ApiError) sendError(response, error);
    else {
      api.world.errors.push(`${method} ${url.pathname}: ${(error as Error).stack}`);
      sendError(response, new ApiError(13, "runtime error"));
    }
  }
}

const UNITS: Record<string, number> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** `Grpc-Timeout: 10S` sets the server's deadline; there is none otherwise. */
async function withinDeadline(request: IncomingMessage, work: () => unknown): Promise<unknown> {
  const header = request.headers["grpc-timeout"];
  if (typeof header !== "string") return work();
  const [, amount, unit] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? [];
  if (amount === undefined) throw new ApiError(3, `invalid grpc-timeout: ${header}`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new ApiError(4, "context deadline exceeded")),
      Number(amount) * UNITS[unit!]!,
    );
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
