import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { GaugeConfiguration } from "prom-client";

import type { CounterName, GaugeName, HistogramName, Meter } from "#ports/meter.ts";

import { metricPrefix, metricsTable } from "./metrics-table.ts";
import type { MetricRow } from "./metrics-table.ts";

export type PrometheusMeter = Meter & {
  /** The exposition of everything counted so far. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
};

/**
 * Counts into a registry of its own. A label that a metric does not have is dropped and one that is missing is empty:
 * counting must never break what is counted; the architecture of the labels is proven by tests.
 */
export function createPrometheusMeter(
  build: { readonly version: string },
  options: { readonly processMetrics?: boolean } = {},
): PrometheusMeter {
  const registry = new Registry();
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  const gauges = new Map<string, Gauge>();
  for (const [name, row] of Object.entries(metricsTable)) {
    const common = {
      name: `${metricPrefix}${name}`,
      help: row.help,
      labelNames: [...row.labels],
      registers: [registry],
    };
    if (row.type === "counter") counters.set(name, new Counter(common));
    else if (row.type === "gauge") gauges.set(name, unsetGauge(common));
    else histograms.set(name, new Histogram({ ...common, buckets: [...(row.buckets ?? [])] }));
  }
  if (options.processMetrics ?? true) {
    collectDefaultMetrics({ register: registry, prefix: metricPrefix });
  }

  const meter: PrometheusMeter = {
    count: (name, labels, by = 1) => counters.get(name)?.inc(only(name, labels), by),
    observe: (name, labels, seconds) => histograms.get(name)?.observe(only(name, labels), seconds),
    set: (name, labels, value) => gauges.get(name)?.set(only(name, labels), value),
    reset: (name) => gauges.get(name)?.reset(),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
  meter.set("build_info", { version: build.version, node: process.version }, 1);
  return meter;
}

/** prom-client begins a gauge without labels at 0, which here would mean a broken policy and a spent limit. */
function unsetGauge(row: GaugeConfiguration<string>): Gauge {
  const gauge = new Gauge(row);
  gauge.remove({});
  return gauge;
}

function only(
  name: CounterName | HistogramName | GaugeName,
  labels: Readonly<Record<string, string>>,
): Record<string, string> {
  const row: MetricRow = metricsTable[name];
  return Object.fromEntries(row.labels.map((label) => [label, labels[label] ?? ""]));
}
