import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { describe, expect, inject, it } from "vitest";
import { parse } from "yaml";

import { validateObject } from "../gitops/validate-object.ts";
import { lintChart, renderChart } from "../helm/render.ts";
import { filesOf, groupsOf, observability } from "./read-rules.ts";

const { helm } = inject("tools");
const release = { release: "observability", namespace: "monitoring", values: [] };

describe.skipIf(helm === null)("observability/ as a chart", () => {
  it("is clean to Helm", async () => {
    await lintChart(helm ?? "", observability, release);
  });

  it("makes valid objects of all files but Sluice's own, as they are", async () => {
    const objects = await renderChart(helm ?? "", observability, release);
    for (const object of objects) expect(await validateObject(object)).toEqual([]);
    const rules = objects.filter(({ kind }) => kind === "PrometheusRule");
    const files = filesOf("rules", ".yaml").filter((file) => basename(file) !== "sluice.yaml");
    expect(rules.map(({ spec }) => spec)).toEqual(
      files.map((file) => ({ groups: groupsOf(file) })),
    );
    const maps = objects.filter(({ kind }) => kind === "ConfigMap");
    const dashboards = filesOf("dashboards", ".json").filter(
      (file) => !file.endsWith("/sluice.json"),
    );
    expect(maps.map(({ data }) => data)).toEqual(
      dashboards.map((file) => ({ [basename(file)]: readFileSync(file, "utf8").trimEnd() })),
    );
  });

  it("carries the labels that the stack selects by", async () => {
    const file = filesOf("stack", ".yaml").find((each) => each.includes("kube-prometheus-stack"));
    const stack = parse(readFileSync(file ?? "", "utf8"), { merge: true }) as {
      prometheus: { prometheusSpec: { ruleSelector: { matchLabels: Record<string, string> } } };
      grafana: { sidecar: { dashboards: { label: string; labelValue: string } } };
    };
    const { label, labelValue } = stack.grafana.sidecar.dashboards;
    const objects = await renderChart(helm ?? "", observability, release);
    expect(objects.length).toBeGreaterThan(4);
    for (const { kind, metadata } of objects)
      expect(metadata.labels).toMatchObject(
        kind === "ConfigMap"
          ? { [label]: labelValue }
          : stack.prometheus.prometheusSpec.ruleSelector.matchLabels,
      );
  });
});
