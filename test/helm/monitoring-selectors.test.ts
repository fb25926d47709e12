import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, inject, it } from "vitest";
import { parse } from "yaml";

import type { KubernetesObject } from "./render.ts";
import { renderSluice } from "./sluice-releases.ts";
import { environments, renderTenant } from "./tenant-releases.ts";

const { helm } = inject("tools");

type Selector = { readonly matchLabels: Readonly<Record<string, string>> };
type Stack = {
  readonly prometheus: {
    readonly prometheusSpec: {
      readonly serviceMonitorSelector: Selector;
      readonly serviceMonitorNamespaceSelector: object;
      readonly ruleSelector: Selector;
      readonly ruleNamespaceSelector: object;
    };
  };
  readonly grafana: {
    readonly sidecar: {
      readonly dashboards: {
        readonly label: string;
        readonly labelValue: string;
        readonly searchNamespace: string;
      };
    };
  };
};

const { prometheus, grafana } = parse(
  readFileSync(
    resolve(import.meta.dirname, "../../observability/stack/kube-prometheus-stack.yaml"),
    "utf8",
  ),
) as Stack;
const { prometheusSpec } = prometheus;

describe.skipIf(helm === null)("what Prometheus and Grafana select", () => {
  it("are monitors and rules of every namespace", () => {
    expect(prometheusSpec.serviceMonitorNamespaceSelector).toEqual({});
    expect(prometheusSpec.ruleNamespaceSelector).toEqual({});
    expect(grafana.sidecar.dashboards.searchNamespace).toBe("ALL");
    for (const { matchLabels } of [
      prometheusSpec.serviceMonitorSelector,
      prometheusSpec.ruleSelector,
    ]) {
      expect(Object.keys(matchLabels)).not.toEqual([]);
    }
  });

  it.for([...environments, "Sluice"])("are those of %s", async (name) => {
    const objects =
      name === "Sluice"
        ? await renderSluice(helm ?? "", "least")
        : await renderTenant(helm ?? "", name);
    expectLabels(objects, "ServiceMonitor", prometheusSpec.serviceMonitorSelector.matchLabels);
    expectLabels(objects, "PrometheusRule", prometheusSpec.ruleSelector.matchLabels);
  });

  it("are Sluice's dashboards", async () => {
    const objects = await renderSluice(helm ?? "", "least");
    const { label, labelValue } = grafana.sidecar.dashboards;
    expectLabels(objects, "ConfigMap", { [label]: labelValue });
  });
});

function expectLabels(objects: readonly KubernetesObject[], kind: string, labels: object): void {
  const found = objects.filter((each) => each.kind === kind);
  expect(found).toHaveLength(1);
  expect(found[0]?.metadata.labels).toMatchObject(labels);
}
