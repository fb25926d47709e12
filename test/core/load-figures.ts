import type { LoadFigures } from "#core/load.ts";

/** A service that bears its load. */
export const loadFigures: LoadFigures = {
  average: 0.008,
  p50: 0.007,
  p90: 0.015,
  p95: 0.02,
  p99: 0.04,
  maximum: 0.1234,
  successRate: 0.9995,
  requestsPerSecond: 1234,
  httpFailures: 3,
  networkFailures: 2,
  cpu: 0.42,
  memory: 104_857_600,
  network: 20_480,
  pods: 3,
};
