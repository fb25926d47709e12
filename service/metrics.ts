import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import { WORK_ROUTES } from "./routes.ts";
import type { Settings } from "./settings.ts";

type RequestOutcome = { method: string; route: string; status: string; seconds: number };

export type Metrics = {
  observe(outcome: RequestOutcome): void;
  setReady(ready: boolean): void;
  contentType: string;
  print(): Promise<string>;
};

/** Buckets at 0.5 s and 2 s carry the service's latency objectives. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10];

/** Every metric, the process's own too, says tenant, environment and version. */
export function createMetrics(settings: Settings): Metrics {
  const registry = new Registry();
  const { tenant, environment, version } = settings;
  registry.setDefaultLabels({ tenant, environment, version });
  collectDefaultMetrics({ register: registry });
  // Its own label `version` is Node's and would hide ours.
  registry.removeSingleMetric("nodejs_version_info");
  const requests = new Counter({
    name: "http_requests_total",
    help: "Requests, failed and aborted ones too.",
    labelNames: ["method", "route", "status"],
    registers: [registry],
  });
  const duration = new Histogram({
    name: "http_request_duration_seconds",
    help: "From the request's arrival to the end of its response, over all requests.",
    labelNames: ["method", "route", "status"],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  // A counter that begins at 1 has no rate: the first failure of every pod would be lost to alerts.
  for (const route of WORK_ROUTES) {
    for (const status of ["200", "500"]) {
      requests.inc({ method: "GET", route, status }, 0);
      duration.zero({ method: "GET", route, status });
    }
  }
  const ready = new Gauge({
    name: "service_ready",
    help: "1 while /readyz answers 200.",
    registers: [registry],
  });
  return {
    observe({ method, route, status, seconds }) {
      requests.inc({ method, route, status });
      duration.observe({ method, route, status }, seconds);
    },
    setReady: (value) => ready.set(value ? 1 : 0),
    contentType: registry.contentType,
    print: () => registry.metrics(),
  };
}
