import { propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

import type { Settings } from "./settings.ts";
import type { Tracing } from "./tracing.ts";

/** Request spans by OTLP/HTTP, below the caller's where it sent `traceparent`. */
export function createOtlpTracing(settings: Settings, endpoint: string): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, "")}/v1/traces`,
    timeoutMillis: 3_000,
  });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({
      "service.name": "tenant-service",
      "service.version": settings.version,
      "deployment.environment.name": settings.environment,
      "tenant.name": settings.tenant,
    }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer("service");
  // Also sets the W3C propagator.
  provider.register();
  return {
    begin(request) {
      const parent = propagation.extract(ROOT_CONTEXT, request.headers);
      const method = request.method ?? "GET";
      const attributes = { "http.request.method": method, "url.path": request.url ?? "/" };
      const span = tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, parent);
      return {
        traceId: span.spanContext().traceId,
        end(route, status) {
          span.updateName(`${method} ${route}`);
          span.setAttribute("http.route", route);
          const code = Number(status);
          if (Number.isInteger(code)) span.setAttribute("http.response.status_code", code);
          if (!(code < 500)) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
    async stop() {
      await provider.shutdown().catch(() => undefined);
    },
  };
}
