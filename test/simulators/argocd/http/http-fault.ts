import type { IncomingMessage, ServerResponse } from "node:http";

import type { HttpFault } from "../fault-rule.ts";
import type { World } from "../world.ts";
import { sendJson, sendPlain, sendText } from "./reply.ts";

const seen = new WeakMap<HttpFault, number>();

/** The first HTTP rule that this request meets; counting and dice are done here. */
export function findHttpFault(
  world: World,
  request: IncomingMessage,
  about: { account: string | undefined; app: string | undefined },
): HttpFault | undefined {
  const now = world.scheduler.now();
  const path = request.url ?? "/";
  for (const rule of world.faults.rules) {
    if (rule.kind !== "http" || rule.times === 0) continue;
    if (rule.method !== undefined && rule.method !== request.method) continue;
    if (rule.path !== undefined && !new RegExp(rule.path).test(path)) continue;
    if (rule.account !== undefined && rule.account !== about.account) continue;
    if (rule.app !== undefined && !new RegExp(rule.app).test(about.app ?? "")) continue;
    if (rule.from !== undefined && now < Date.parse(rule.from)) continue;
    if (rule.until !== undefined && now >= Date.parse(rule.until)) continue;
    const count = (seen.get(rule) ?? 0) + 1;
    seen.set(rule, count);
    if (rule.nth !== undefined && count !== rule.nth) continue;
    if (rule.every !== undefined && count % rule.every !== 0) continue;
    if (rule.probability !== undefined && world.random() >= rule.probability) continue;
    if (rule.times !== undefined) rule.times -= 1;
    return rule;
  }
  return undefined;
}

const GRPC_OF: Record<number, number> = {
  401: 16,
  403: 7,
  404: 5,
  429: 8,
  500: 13,
  503: 14,
  504: 4,
};
const TEXT_OF: Record<number, string> = {
  401: "no session information",
  403: "permission denied",
  404: "not found",
  429: "too many requests",
  500: "internal error",
  503: "transport is closing",
  504: "context deadline exceeded",
};

/** Acts on the response in place of the API, or around it. */
export async function applyHttpFault(
  world: World,
  rule: HttpFault,
  response: ServerResponse,
  perform: () => Promise<void>,
): Promise<void> {
  const { effect } = rule;
  if (effect.type === "delay") {
    await world.scheduler.sleep(effect.ms);
    return perform();
  }
  if (effect.type === "truncate" || effect.type === "drip" || effect.type === "invalidJson") {
    rewriteBody(response, effect);
    return perform();
  }
  if (rule.afterEffect) await performSilently(response, perform);
  if (effect.type === "hang") {
    world.faults.held += 1;
    return undefined;
  }
  if (effect.type === "reset") {
    response.socket?.resetAndDestroy();
    return undefined;
  }
  const { status, html, retryAfter } = effect;
  if (retryAfter !== undefined) response.setHeader("retry-after", String(retryAfter));
  if (html) {
    response.writeHead(status, { "content-type": "text/html" });
    response.end(
      `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`,
    );
    return undefined;
  }
  const code = effect.code ?? GRPC_OF[status];
  const message = effect.message ?? TEXT_OF[status] ?? "error";
  if (code === undefined) sendText(response, status, message);
  else {
    sendJson(response, { error: message, code, message }, status);
  }
  return undefined;
}

/** Lets the request take effect and throws its answer away. */
async function performSilently(
  response: ServerResponse,
  perform: () => Promise<void>,
): Promise<void> {
  const silent = { writeHead: () => response, end: () => response, write: () => true };
  Object.assign(response, silent);
  await perform();
  for (const method of Object.keys(silent)) Reflect.deleteProperty(response, method);
}

function rewriteBody(
  response: ServerResponse,
  effect: Extract<HttpFault["effect"], { type: "truncate" | "drip" | "invalidJson" }>,
): void {
  const end = response.end.bind(response);
  sendPlain(response);
  const finish = (chunk: unknown): ServerResponse => {
    const body = Buffer.isBuffer(chunk)
      ? chunk
      : Buffer.from(typeof chunk === "string" ? chunk : "");
    if (effect.type === "invalidJson") {
      end(Buffer.concat([body.subarray(0, -1), Buffer.from("!")]));
    } else if (effect.type === "truncate") {
      response.write(body.subarray(0, effect.bytes), () => response.socket?.destroy());
    } else {
      drip(response, body, effect.bytesPerSecond, end);
    }
    return response;
  };
  Object.assign(response, { end: finish });
}

function drip(response: ServerResponse, body: Buffer, perSecond: number, end: () => void): void {
  const step = Math.max(1, Math.floor(perSecond / 10));
  let sent = 0;
  const timer = setInterval(() => {
    if (sent >= body.length || response.destroyed) {
      clearInterval(timer);
      if (!response.destroyed) end();
      return;
    }
    response.write(body.subarray(sent, sent + step));
    sent += step;
  }, 100);
}
