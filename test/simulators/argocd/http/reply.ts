import type { ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

/** gRPC code → HTTP status (grpc-gateway runtime/errors.go:17-58). */
const HTTP_STATUS: Record<number, number> = {
  1: 408,
  2: 500,
  3: 400,
  4: 504,
  5: 404,
  6: 409,
  7: 403,
  8: 429,
  9: 400,
  10: 409,
  12: 501,
  13: 500,
  14: 503,
  16: 401,
};

/** An error as the API answers it. */
export class ApiError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
  get status(): number {
    return HTTP_STATUS[this.code] ?? 500;
  }
}

export const permissionDenied = () => new ApiError(7, "permission denied");

const plain = new WeakSet<ServerResponse>();

/** Keeps an answer uncompressed, for faults that cut into its text. */
export function sendPlain(response: ServerResponse): void {
  plain.add(response);
}

/** Compressed where the caller takes gzip, as argocd-server does by default (server/server.go:1160-1168). */
export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  const text = JSON.stringify(value);
  const { headers } = response.req;
  const zip =
    /\bgzip\b/.test(headers["accept-encoding"] ?? "") &&
    headers.accept !== "text/event-stream" &&
    !plain.has(response);
  const body = zip ? gzipSync(text, { level: 1 }) : Buffer.from(text);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": body.length,
    ...(zip ? { "content-encoding": "gzip", vary: "Accept-Encoding" } : {}),
  });
  response.end(body);
}

export function sendError(response: ServerResponse, error: ApiError): void {
  sendJson(
    response,
    { error: error.message, code: error.code, message: error.message },
    error.status,
  );
}

/** Go's http.Error. */
export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    "content-type": "text/plain; charset=utf-8",
    "x-content-type-options": "nosniff",
  });
  response.end(`${text}\n`);
}
