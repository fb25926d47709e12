import type { OtelTracer } from "./otel-spans.ts";

/**
 * Spans go to `<endpoint>/v1/traces` by OTLP over HTTP. Without an endpoint there are none, and they cost nothing: not
 * even their libraries are loaded.
 */
export async function createTracer(settings: {
  readonly endpoint: string | null;
  readonly version: string;
  readonly redact: (text: string) => string;
}): Promise<OtelTracer> {
  if (settings.endpoint === null) return silentTracer;
  const { createOtelTracer, otlpProcessor } = await import("./otel-spans.ts");
  return createOtelTracer(otlpProcessor(settings.endpoint), settings);
}

const silentTracer: OtelTracer = {
  span: (_name, _attributes, work) => work(),
  traceparent: () => undefined,
  continue: (_traceparent, work) => work(),
  logContext: () => ({}),
  stop: async () => Promise.resolve(),
};
