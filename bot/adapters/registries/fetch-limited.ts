import { ReadFailure } from "./read-failure.ts";
import type { RegistryDeadlines } from "./registry-host.ts";

export type Fetched = { readonly status: number; readonly headers: Headers; readonly body: Buffer };

/** One GET with a deadline and a size cap; redirects are handed back, never followed here. */
export async function fetchLimited(
  url: URL,
  options: {
    headers: Readonly<Record<string, string>>;
    limit: number;
    deadlines: RegistryDeadlines;
    signal: AbortSignal | undefined;
  },
): Promise<Fetched> {
  const time = AbortSignal.timeout(options.deadlines.read);
  const signal = options.signal === undefined ? time : AbortSignal.any([options.signal, time]);
  try {
    const { headers, limit } = options;
    const response = await fetch(url, { headers: { ...headers }, signal, redirect: "manual" });
    return {
      status: response.status,
      headers: response.headers,
      body: await read(response, limit),
    };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ReadFailure) throw error;
    throw new ReadFailure("unreachable", `${url.host} did not answer (${causeOf(error)}).`);
  }
}

async function read(response: Response, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.byteLength;
    if (size > limit) {
      throw new ReadFailure("too-large", `The registry's answer is larger than ${limit} bytes.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  if (error.name === "TimeoutError") return "out of time";
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error.name;
}
