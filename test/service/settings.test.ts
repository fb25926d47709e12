import { describe, expect, it } from "vitest";

import { readSettings } from "../../service/settings.ts";

describe("the service's settings", () => {
  it("has a default for everything", () => {
    expect(readSettings({})).toEqual({
      ok: true,
      settings: {
        tenant: "unknown",
        environment: "unknown",
        version: "unknown",
        greeting: "Hello",
        host: "0.0.0.0",
        port: 8000,
        readinessDelaySeconds: 0,
        failRate: 0,
        logLevel: "info",
        otlpEndpoint: undefined,
      },
    });
  });

  it("names every problem at once, with the remedy", () => {
    const result = readSettings({
      PORT: "80.5",
      READINESS_DELAY_SEC: "soon",
      FAIL_RATE: "1.1",
      LOG_LEVEL: "loud",
      OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
    });
    expect(result).toMatchInlineSnapshot(`
      {
        "ok": false,
        "problems": [
          "READINESS_DELAY_SEC is "soon": give a number from 0 to 3600",
          "FAIL_RATE is "1.1": give a number from 0 to 1",
          "PORT is "80.5": give a whole number from 0 to 65535",
          "LOG_LEVEL is "loud": give one of trace, debug, info, warn, error, fatal, silent",
          "OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4318": give an http or https URL",
        ],
      }
    `);
  });

  it.for(["-1", "65536", "0x", "NaN", "Infinity"])("refuses PORT=%s", (PORT) => {
    expect(readSettings({ PORT })).toMatchObject({ ok: false });
  });
});
