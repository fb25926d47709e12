import type { IncomingMessage } from "node:http";

import type { Settings } from "./settings.ts";

type RequestSpan = { traceId: string | undefined; end(route: string, status: string): void };

export type Tracing = {
  begin(request: IncomingMessage): RequestSpan;
  /** Sends what is waiting. */
  stop(): Promise<void>;
};

const SILENT: Tracing = {
  begin: () => ({ traceId: undefined, end: () => undefined }),
  stop: () => Promise.resolve(),
};

/** Request spans where an endpoint is set. Without one the SDK is not even loaded: it costs a tenth of a second and 10 MiB. */
export async function createTracing(settings: Settings): Promise<Tracing> {
  if (settings.otlpEndpoint === undefined) return SILENT;
  const { createOtlpTracing } = await import("./otlp-tracing.ts");
  return createOtlpTracing(settings, settings.otlpEndpoint);
}
