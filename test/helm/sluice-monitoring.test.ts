import { readdirSync, readFileSync } from "node:fs";
import { basename, extname, resolve } from "node:path";

import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import type { IServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import { parser } from "@prometheus-io/lezer-promql";
import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import type { IService } from "kubernetes-models/v1/Service";
import { describe, expect, inject, it } from "vitest";
import { parse } from "yaml";

import { metricPrefix, metricsTable } from "#adapters/prometheus/metrics-table.ts";

import { copies } from "./copy-observability.ts";
import { theObject } from "./render.ts";
import { podOf, renderSluice, sluiceChart } from "./sluice-releases.ts";

const { helm } = inject("tools");

describe.skipIf(helm === null)("scraping Sluice", () => {
  it.for(["least", "split"] as const)("reaches every process, ready or not: %s", async (shape) => {
    const objects = await renderSluice(helm ?? "", shape);
    const service = theObject<IService>(objects, "Service", "sluice-metrics");
    const { spec } = theObject<IServiceMonitor>(objects, "ServiceMonitor");
    const chosen = objects.filter(
      ({ kind, metadata }) =>
        kind === "Service" &&
        Object.entries(spec?.selector?.matchLabels ?? {}).every(
          ([key, value]) => metadata.labels?.[key] === value,
        ),
    );
    expect(chosen.map(({ metadata }) => metadata.name)).toEqual(["sluice-metrics"]);
    const [endpoint] = spec?.endpoints ?? [];
    expect(endpoint).toMatchObject({ path: "/metrics", interval: "15s" });
    expect(service.spec?.ports?.map(({ name }) => name)).toEqual([endpoint?.port]);
    expect(service.spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true });
    const names = shape === "split" ? ["sluice-receiver", "sluice-worker"] : ["sluice"];
    for (const name of names) {
      const { template, container } = podOf(objects, name);
      expect(template.metadata?.labels).toMatchObject(service.spec?.selector ?? { none: "" });
      expect(container.ports?.map((port) => port.name)).toEqual([
        service.spec?.ports?.[0]?.targetPort,
      ]);
    }
    // Rules and dashboards know one service and one job, whatever the roles.
    expect(endpoint?.relabelings).toMatchObject([
      { targetLabel: "service", replacement: "sluice" },
      { targetLabel: "job", replacement: "sluice" },
      { targetLabel: "role" },
    ]);
  });
});

describe("rules and dashboards in the chart", () => {
  it.for(copies)("$to is $from: else run node test/helm/copy-observability.ts", ({ from, to }) => {
    expect(readFileSync(to, "utf8")).toBe(readFileSync(from, "utf8"));
  });

  it("are all of those of observability/, and no others", () => {
    const there = ["dashboards", "rules"].flatMap((folder) =>
      readdirSync(resolve(sluiceChart, folder)).map((file) => resolve(sluiceChart, folder, file)),
    );
    expect(there.length).toBeGreaterThanOrEqual(2);
    expect(there.sort()).toEqual(copies.map(({ to }) => to).sort());
  });

  it("are installed from here alone", () => {
    const values = readFileSync(resolve(sluiceChart, "../../observability/values.yaml"), "utf8");
    const { leftOut } = parse(values) as { leftOut: readonly string[] };
    const names = new Set(copies.map(({ to }) => basename(to, extname(to))));
    expect(new Set(leftOut)).toEqual(names);
  });

  it.skipIf(helm === null)("are rendered whole", async () => {
    const objects = await renderSluice(helm ?? "", "least");
    const rule = theObject<IPrometheusRule>(objects, "PrometheusRule");
    expect(rule.spec).toEqual(
      parse(readFileSync(resolve(sluiceChart, "rules/sluice.yaml"), "utf8")),
    );
    expect(rule.spec?.groups?.length).toBeGreaterThan(0);
    expect(rule.metadata.labels).toMatchObject({ release: "kube-prometheus-stack" });
    const { data, metadata } = theObject<IConfigMap>(objects, "ConfigMap", "sluice-dashboards");
    expect(metadata.labels).toMatchObject({ grafana_dashboard: "1" });
    const files = readdirSync(resolve(sluiceChart, "dashboards"));
    expect(Object.keys(data ?? {}).sort()).toEqual(files.sort());
    for (const text of Object.values(data ?? {})) expect(JSON.parse(text)).toHaveProperty("panels");
    // A ConfigMap holds a mebibyte.
    expect(JSON.stringify(data).length).toBeLessThan(2 ** 20 - 2 ** 16);
  });
});

type AdapterRule = {
  readonly seriesQuery: string;
  readonly metricsQuery: string;
  readonly name: { readonly as: string };
};

describe.skipIf(helm === null)("scaling the workers on how long jobs wait", () => {
  const text = readFileSync(resolve(sluiceChart, "prometheus-adapter-values.yaml"), "utf8");
  const [rule] = (parse(text) as { rules: { external: readonly AdapterRule[] } }).rules.external;

  it("asks for a metric that the adapter's rule serves, of a series that Sluice tells", async () => {
    const objects = await renderSluice(helm ?? "", "everything");
    const { spec } = theObject<IHorizontalPodAutoscaler>(objects, "HorizontalPodAutoscaler");
    const [metric] = spec?.metrics ?? [];
    expect(spec).toMatchObject({
      scaleTargetRef: { kind: "Deployment", name: "sluice-worker" },
      minReplicas: 2,
      maxReplicas: 6,
      metrics: [{ type: "External", external: { target: { type: "Value", value: "30" } } }],
    });
    expect(rule?.name.as).toBe(metric?.external?.metric.name);
    const [series] = rule?.seriesQuery.split("{") ?? [];
    const names = Object.keys(metricsTable).map((name) => metricPrefix + name);
    expect(names).toContain(series);
    // What the autoscaler selects by is what the monitor writes.
    const monitor = theObject<IServiceMonitor>(objects, "ServiceMonitor");
    const { service } = metric?.external?.metric.selector?.matchLabels ?? {};
    const relabelings = monitor.spec?.endpoints?.[0]?.relabelings ?? [];
    expect(relabelings.find(({ targetLabel }) => targetLabel === "service")?.replacement).toBe(
      service,
    );
  });

  it("asks Prometheus in its own language", () => {
    const query = (rule?.metricsQuery ?? "")
      .replace("<<.Series>>", rule?.name.as ?? "")
      .replace("<<.LabelMatchers>>", 'namespace="sluice",service="sluice"')
      .replace("<<.GroupBy>>", "namespace");
    expect(query).toBe(
      'max(sluice_queue_oldest_waiting_seconds{namespace="sluice",service="sluice"}) by (namespace)',
    );
    expect(errorsIn(query)).toBe(0);
    expect(errorsIn(rule?.seriesQuery ?? "")).toBe(0);
    expect(errorsIn("max(")).toBeGreaterThan(0);
  });

  it("leaves the number of workers to the autoscaler, and only there", async () => {
    const objects = await renderSluice(helm ?? "", "everything");
    expect(podOf(objects, "sluice-worker").deployment).not.toHaveProperty("replicas");
    expect(podOf(objects, "sluice-receiver").deployment.replicas).toBe(2);
    const without = await renderSluice(helm ?? "", "split");
    expect(without.some(({ kind }) => kind === "HorizontalPodAutoscaler")).toBe(false);
  });
});

function errorsIn(query: string): number {
  let errors = 0;
  parser.parse(query).iterate({
    enter: ({ type }) => {
      if (type.isError) errors += 1;
    },
  });
  return errors;
}
