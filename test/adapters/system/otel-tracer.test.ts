import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { OtelTracer } from "#adapters/system/otel-spans.ts";
import { createTracer } from "#adapters/system/otel-tracer.ts";
import { createRedact } from "#adapters/system/redact.ts";
import { Fault } from "#core/error.ts";

type Span = {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code?: number; message?: string };
  attributes: { key: string; value: Record<string, unknown> }[];
};

const settings = { version: "1.2.3", redact: createRedact(["s3cr3t-value"]) };

describe("spans", () => {
  const received: { url: string; body: string }[] = [];
  const collector = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ url: request.url ?? "", body });
      response.end("{}");
    });
  });
  let tracer: OtelTracer;
  let spans: Span[];

  beforeAll(async () => {
    collector.listen(0, "127.0.0.1");
    await once(collector, "listening");
    const { port } = collector.address() as AddressInfo;
    tracer = await createTracer({ ...settings, endpoint: `http://127.0.0.1:${port}/` });

    const traceparent = await tracer.span("delivery", { "sluice.event": "push" }, async () => {
      await tracer.span("inner", {}, async () => Promise.resolve());
      return Promise.resolve(tracer.traceparent());
    });
    await tracer.continue(traceparent, () =>
      tracer.span("job", { attempt: 1 }, async () => Promise.resolve()),
    );
    await tracer.continue("nonsense", () =>
      tracer.span("alone", {}, async () => Promise.resolve()),
    );
    const fault = new Fault("github.unavailable", "down with s3cr3t-value", { retryable: true });
    await tracer.span("broken", {}, () => Promise.reject(fault)).catch(() => undefined);
    await tracer.stop(5_000);
    spans = received.flatMap(({ body }) => {
      const batch = JSON.parse(body) as {
        resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
      };
      return batch.resourceSpans.flatMap(({ scopeSpans }) =>
        scopeSpans.flatMap((each) => each.spans),
      );
    });
  });
  afterAll(async () => {
    collector.close();
    await once(collector, "close");
  });

  const named = (name: string): Span => {
    const found = spans.find((span) => span.name === name);
    if (found === undefined) throw new Error(`no span ${name}`);
    return found;
  };

  it("go to the collector before the process ends", () => {
    expect(new Set(received.map(({ url }) => url))).toEqual(new Set(["/v1/traces"]));
    expect(spans.map((span) => span.name).sort()).toEqual([
      "alone",
      "broken",
      "delivery",
      "inner",
      "job",
    ]);
    expect(received[0]?.body).toContain('"sluice"');
    expect(received[0]?.body).toContain("1.2.3");
  });

  it("hang together, also through a job", () => {
    expect(named("inner").parentSpanId).toBe(named("delivery").spanId);
    expect(named("job").parentSpanId).toBe(named("delivery").spanId);
    expect(named("job").traceId).toBe(named("delivery").traceId);
    expect(named("alone").traceId).not.toBe(named("delivery").traceId);
    expect(named("alone").parentSpanId ?? "").toBe("");
  });

  it("say what went wrong, without secrets", () => {
    expect(named("broken").status).toEqual({ code: 2, message: "down with [redacted]" });
    expect(named("broken").attributes).toContainEqual({
      key: "error.type",
      value: { stringValue: "github.unavailable" },
    });
  });
});

describe("without an endpoint", () => {
  it("work is just done", async () => {
    const tracer = await createTracer({ ...settings, endpoint: null });
    expect(
      await tracer.span("x", {}, async () => Promise.resolve(tracer.traceparent() ?? "none")),
    ).toBe("none");
    expect(await tracer.continue(undefined, async () => Promise.resolve(7))).toBe(7);
    expect(tracer.logContext()).toEqual({});
    await tracer.stop(10);
  });
});
