import type { ServerResponse } from "node:http";

/** What a request ends in; `result` is the label of `webhook_deliveries_total`. */
export type Reply = {
  readonly status: number;
  readonly result: Result;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The rest of the request is not read: the connection cannot be used again. */
  readonly cut?: boolean;
};

export type Result =
  | "accepted"
  | "ignored"
  | "unauthorized"
  | "too-large"
  | "unsupported"
  | "malformed"
  | "unavailable"
  | "aborted";

export function refusal(
  status: number,
  result: Result,
  error: string,
  more: Pick<Reply, "headers" | "cut"> = {},
): Reply {
  return { status, result, body: { error }, ...more };
}

export function send(response: ServerResponse, reply: Reply, closing: boolean): void {
  const text = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "x-content-type-options": "nosniff",
    ...(closing || reply.cut === true ? { connection: "close" } : {}),
    ...reply.headers,
  });
  response.end(text);
}
