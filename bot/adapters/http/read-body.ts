import type { IncomingMessage } from "node:http";

export type Body =
  | { readonly kind: "complete"; readonly bytes: Buffer }
  | { readonly kind: "too-large" }
  /** More is being read at once than memory is set aside for. */
  | { readonly kind: "busy" }
  /** The client went away. */
  | { readonly kind: "aborted" };

/** Bytes that all requests together may hold while they are read: strangers can send bodies too. */
export class BodyBudget {
  readonly #limit: number;
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(bytes: number): boolean {
    if (this.#held + bytes > this.#limit) return false;
    this.#held += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/**
 * Reads a body up to `maxBytes`. With `keep` false the bytes are only counted: what cannot be authentic is not worth
 * memory, but must still be told that it was too large.
 */
export function readBody(
  request: IncomingMessage,
  options: { maxBytes: number; keep: boolean; budget: BodyBudget },
): Promise<Body> {
  const { promise, resolve } = Promise.withResolvers<Body>();
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > options.maxBytes) {
    resolve({ kind: "too-large" });
    return promise;
  }
  const chunks: Buffer[] = [];
  let read = 0;
  let held = 0;
  const end = (body: Body): void => {
    request.off("data", onData);
    request.off("end", onEnd);
    request.off("close", onClose);
    options.budget.give(held);
    held = 0;
    resolve(body);
  };
  const onData = (chunk: Buffer): void => {
    read += chunk.length;
    if (read > options.maxBytes) return end({ kind: "too-large" });
    if (!options.keep) return;
    if (!options.budget.take(chunk.length)) return end({ kind: "busy" });
    held += chunk.length;
    chunks.push(chunk);
  };
  const onEnd = (): void => {
    const [only] = chunks;
    const bytes = only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, held);
    end({ kind: "complete", bytes });
  };
  const onClose = (): void => end({ kind: "aborted" });
  request.on("data", onData);
  request.on("end", onEnd);
  request.on("close", onClose);
  request.on("error", onClose);
  return promise;
}
