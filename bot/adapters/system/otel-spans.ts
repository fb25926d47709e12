import { context, ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags } from "@opentelemetry/api";
import type { Context, Span } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import type { SpanProcessor } from "@opentelemetry/sdk-trace-node";

import { Fault, messageOf } from "#core/error.ts";
import type { Tracer } from "#ports/log.ts";

export type OtelTracer = Tracer & {
  /** `trace_id` of the active span for the log; empty outside of spans. */
  logContext(): Readonly<Record<string, string>>;
  /** Sends what is left; gives up at the deadline. */
  stop(deadlineMs: number): Promise<void>;
};

/** Sends spans in batches to a collector. */
export function otlpProcessor(endpoint: string): SpanProcessor {
  const url = `${endpoint.replace(/\/+$/, "")}/v1/traces`;
  return new BatchSpanProcessor(new OTLPTraceExporter({ url }));
}

/** The tracer over any processor of spans. */
export function createOtelTracer(
  processor: SpanProcessor,
  settings: { readonly version: string; readonly redact: (text: string) => string },
): OtelTracer {
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      "service.name": "sluice",
      "service.version": settings.version,
    }),
    spanProcessors: [processor],
  });
  provider.register();
  const tracer = provider.getTracer("sluice");

  async function run<T>(span: Span, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const message = settings.redact(messageOf(error));
      span.setStatus({ code: SpanStatusCode.ERROR, message });
      span.setAttribute("error.type", error instanceof Fault ? error.code : "error");
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    span: (name, attributes, work) =>
      tracer.startActiveSpan(name, { attributes: { ...attributes } }, (span) => run(span, work)),
    traceparent: () => {
      const active = trace.getActiveSpan()?.spanContext();
      if (active === undefined) return undefined;
      const flags = active.traceFlags.toString(16).padStart(2, "0");
      return `00-${active.traceId}-${active.spanId}-${flags}`;
    },
    continue: (traceparent, work) => context.with(parentOf(traceparent), work),
    logContext: () => {
      const active = trace.getActiveSpan()?.spanContext();
      return active === undefined ? {} : { trace_id: active.traceId };
    },
    stop: async (deadlineMs) => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, deadlineMs);
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

/** W3C Trace Context, level 1, §3.2. */
const traceparentGrammar = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function parentOf(traceparent: string | undefined): Context {
  const match = traceparent === undefined ? null : traceparentGrammar.exec(traceparent);
  const [, traceId, spanId, flags] = match ?? [];
  if (traceId === undefined || spanId === undefined) return context.active();
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags ?? "00", 16) & TraceFlags.SAMPLED,
    isRemote: true,
  });
}
