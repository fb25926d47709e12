import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { metricsTable } from "#adapters/prometheus/metrics-table.ts";
import { createPrometheusMeter } from "#adapters/prometheus/prometheus-meter.ts";
import type { CounterName, GaugeName, HistogramName } from "#ports/meter.ts";

import { allDashboards, fill, queriesOf, sample } from "./dashboards.ts";
import { exporters, targetLabels } from "./exposed.ts";
import { groupingLabelsOf, selectorsOf } from "./promql.ts";
import { allRules, recordedNames } from "./read-rules.ts";
import { runService, type RunningService } from "./run-service.ts";
import { labelsOf } from "./scrape.ts";

type Metrics = ReadonlyMap<string, ReadonlySet<string>>;

const recorded = recordedNames();
let service: RunningService;
let known: Metrics;
beforeAll(async () => {
  service = await runService({
    TENANT_NAME: "tenant-a",
    ENVIRONMENT: "prod",
    VERSION: "sha-1a2b3c4",
    FAIL_RATE: "0.5",
  });
  for (const path of ["/", "/work?ms=1", "/readyz", "/nowhere"]) await fetch(service.url + path);
  const scraped = await (await fetch(`${service.url}/metrics`)).text();
  const listed = Object.values(exporters).flatMap((metrics) => Object.entries(metrics));
  known = new Map<string, ReadonlySet<string>>([
    ...listed.map(([name, labels]) => [name, new Set(labels)] as const),
    ...labelsOf(await sluiceText()),
    ...labelsOf(scraped),
    // Prometheus' own, for every target.
    ["up", new Set<string>()],
  ]);
});
afterAll(() => service.stop());

/** Sluice's exposition after everything in its table has happened once. */
async function sluiceText(): Promise<string> {
  const meter = createPrometheusMeter({ version: "1.2.3" });
  for (const [name, { type, labels }] of Object.entries(metricsTable)) {
    const values = Object.fromEntries(labels.map((label) => [label, "x"]));
    if (type === "counter") meter.count(name as CounterName, values);
    else if (type === "gauge") meter.set(name as GaugeName, values, 1);
    else meter.observe(name as HistogramName, values, 1);
  }
  return (await meter.expose()).text;
}

/** What a query asks for that nothing exposes, a sentence each. */
function unexposed(query: string): readonly string[] {
  const selectors = selectorsOf(query);
  if (selectors.length === 0 && !query.startsWith("vector(")) return [`asks for nothing: ${query}`];
  const problems = selectors.flatMap(({ metric, labels }) => {
    // The labels of recorded series are those that their rules keep: promtool's tests see to it.
    if (recorded.has(metric)) return [];
    const its = known.get(metric);
    if (its === undefined) return [`nothing exposes ${metric || "a series without a name"}`];
    return labels
      .filter((label) => !its.has(label) && !targetLabels.includes(label))
      .map((label) => `${metric} has no label ${label}`);
  });
  const has = new Set([
    ...targetLabels,
    ...selectors.flatMap(({ metric }) => [...(known.get(metric) ?? [])]),
    ...(selectors.some(({ metric }) => recorded.has(metric)) ? ["slo", "le", "count"] : []),
  ]);
  const grouped = [...groupingLabelsOf(query)].filter((label) => !has.has(label));
  return [...problems, ...grouped.map((label) => `nothing that is asked for has a label ${label}`)];
}

describe("what rules and dashboards ask for", () => {
  it("is exposed: by a running service/, by Sluice's meter, or by the stack's exporters", () => {
    const rules = allRules().map(
      ({ alert, record, expr }) => [alert ?? record ?? "", expr] as const,
    );
    const panels = allDashboards()
      .flatMap(queriesOf)
      .filter(({ language }) => language === "prometheus")
      .map(({ where, query }) => [where, fill(query, sample)] as const);
    const problems = [...rules, ...panels].flatMap(([where, query]) =>
      unexposed(query).map((problem) => `${where}: ${problem}`),
    );
    expect(problems).toEqual([]);
    expect(rules.length).toBeGreaterThan(30);
    expect(panels.length).toBeGreaterThan(50);
  });

  it("is missed where it is not", () => {
    expect(unexposed("sum(http_request_total)")).toEqual(["nothing exposes http_request_total"]);
    expect(unexposed('http_requests_total{code="500"}')).toEqual([
      "http_requests_total has no label code",
    ]);
    expect(unexposed("sum by (shard) (http_requests_total)")).toEqual([
      "nothing that is asked for has a label shard",
    ]);
    expect(unexposed("1 > 0")).toEqual(["asks for nothing: 1 > 0"]);
  });

  it("has no exporter's metric in the list that nobody asks for", () => {
    const queries = [
      ...allRules().map(({ expr }) => expr),
      ...allDashboards()
        .flatMap(queriesOf)
        .map(({ query }) => fill(query, sample)),
    ];
    const asked = new Set(queries.flatMap(selectorsOf).map(({ metric }) => metric));
    const listed = Object.values(exporters).flatMap((metrics) => Object.keys(metrics));
    expect(listed.filter((name) => !asked.has(name))).toEqual([]);
  });
});

describe("a running service/", () => {
  it("says tenant, environment and version on everything, with the buckets of the objectives", async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const wanted = ["tenant", "environment", "version"];
    const without = [...labelsOf(text)].filter(([, has]) => !wanted.every((each) => has.has(each)));
    expect(without).toEqual([]);
    for (const bound of ["0.5", "2"])
      expect(text).toContain(`http_request_duration_seconds_bucket{le="${bound}"`);
  });
});
