import { Fault } from "#core/error.ts";

/** Plain fields of an error that a log may show. */
export type DescribedError = {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly status?: number;
  readonly method?: string;
  readonly url?: string;
  readonly request_id?: string;
  readonly retryable?: boolean;
  readonly retry_at?: string;
  readonly stack?: string;
  readonly cause?: DescribedError;
};

const deepest = 4;

/**
 * The part of an error that helps: never its request's headers or body, nor any property that a library hung on it.
 * A Fault explains itself; anything else is our mistake and brings its stack.
 */
export function describeError(error: Error, depth = 0): DescribedError {
  const { cause } = error;
  const request = recordOf(error, "request");
  const headers = recordOf(recordOf(error, "response"), "headers");
  const described = {
    name: error.name,
    message: error.message,
    code: textOf(error, "code"),
    status: numberOf(error, "status"),
    method: textOf(request, "method"),
    url: textOf(request, "url"),
    request_id: textOf(headers, "x-github-request-id"),
    ...(error instanceof Fault
      ? { retryable: error.retryable, retry_at: error.retryAt?.toISOString() }
      : { stack: error.stack }),
    cause: cause instanceof Error && depth < deepest ? describeError(cause, depth + 1) : undefined,
  };
  return Object.fromEntries(
    Object.entries(described).filter(([, value]) => value !== undefined),
  ) as DescribedError;
}

function recordOf(holder: unknown, name: string): unknown {
  if (typeof holder !== "object" || holder === null) return undefined;
  return (holder as Record<string, unknown>)[name];
}

function textOf(holder: unknown, name: string): string | undefined {
  const value = recordOf(holder, name);
  return typeof value === "string" ? value : undefined;
}

function numberOf(holder: unknown, name: string): number | undefined {
  const value = recordOf(holder, name);
  return typeof value === "number" ? value : undefined;
}
