import type { IncomingMessage } from "node:http";

import { ApiError } from "./answer.ts";

/** The whole body; past `limit` the rest is thrown away and the request is refused later by its size. */
export async function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    const data = chunk as Buffer;
    length += data.length;
    if (length <= limit + 1) chunks.push(data);
  }
  return Buffer.concat(chunks);
}

/** GitHub takes no body as an empty object, and nothing but an object otherwise. */
export function parseBody(data: Buffer): Record<string, unknown> {
  const text = data.toString("utf8");
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, "Problems parsing JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ApiError(400, "Body should be a JSON object");
  }
  return value as Record<string, unknown>;
}
