import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule";
import { describe, expect, inject, it } from "vitest";
import { stringify } from "yaml";

import { theObject } from "./render.ts";
import { renderTenant } from "./tenant-releases.ts";

const { helm, promtool } = inject("tools");
const execute = promisify(execFile);

const scraped = 'up{namespace="tenant-x-prod", service="tenant-service", pod="a"}';
const elsewhere = 'up{namespace="tenant-y-prod", service="tenant-service", pod="b"}';
const replicas =
  'kube_horizontalpodautoscaler_status_current_replicas{namespace="tenant-x-prod", horizontalpodautoscaler="tenant-service"}';

const cases = [
  {
    title: "no pod is there",
    alert: "TenantServiceNotScraped",
    series: { [elsewhere]: "1x20" },
    fires: true,
  },
  {
    title: "no pod answers",
    alert: "TenantServiceNotScraped",
    series: { [scraped]: "0x20" },
    fires: true,
  },
  {
    title: "one of two pods answers",
    alert: "TenantServiceNotScraped",
    series: { [scraped]: "1x20", [scraped.replace('"a"', '"c"')]: "0x20" },
    fires: false,
  },
  {
    title: "a pod is away for four minutes",
    alert: "TenantServiceNotScraped",
    series: { [scraped]: "1x10 0x3 1x7" },
    fires: false,
  },
  {
    title: "all replicas run for 20 minutes",
    alert: "TenantServiceAtMostReplicas",
    series: { [scraped]: "1x20", [replicas]: "6x20" },
    fires: true,
  },
  {
    title: "all replicas run for ten minutes",
    alert: "TenantServiceAtMostReplicas",
    series: { [scraped]: "1x20", [replicas]: "5x9 6x10" },
    fires: false,
  },
];

describe.skipIf(helm === null || promtool === null)("the chart's own alerts", () => {
  it.for(cases)("$alert when $title: $fires", async ({ alert, series, fires }) => {
    const objects = await renderTenant(helm ?? "", "prod");
    const rule = theObject<IPrometheusRule>(objects, "PrometheusRule");
    const found = rule.spec?.groups?.flatMap(({ rules }) => rules ?? []) ?? [];
    const { labels, annotations } = found.find((each) => each.alert === alert) ?? {};
    const { pathname } = new URL(annotations?.["runbook_url"] ?? "");
    const runbook = resolve(import.meta.dirname, "../..", pathname.split("/main/")[1] ?? "?");
    expect(await readFile(runbook, "utf8")).toContain(alert);
    const test = {
      interval: "1m",
      input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      alert_rule_test: [
        {
          eval_time: "20m",
          alertname: alert,
          exp_alerts: fires
            ? [{ exp_labels: { ...labelsOf(alert), ...labels }, exp_annotations: annotations }]
            : [],
        },
      ],
    };
    await check({ groups: rule.spec?.groups }, { rule_files: ["rules.yaml"], tests: [test] });
  });

  it("are what the environment needs", async () => {
    const alerts = async (environment: string) => {
      const objects = await renderTenant(helm ?? "", environment);
      const { spec } = theObject<IPrometheusRule>(objects, "PrometheusRule");
      const rules = spec?.groups?.flatMap(({ rules }) => rules ?? []) ?? [];
      return rules.map((each) => `${each.alert} ${each.labels?.["severity"]}`);
    };
    expect(await alerts("dev")).toEqual(["TenantServiceNotScraped warning"]);
    expect(await alerts("prod")).toEqual([
      "TenantServiceNotScraped critical",
      "TenantServiceAtMostReplicas warning",
    ]);
  });
});

function labelsOf(alert: string): object {
  return alert === "TenantServiceAtMostReplicas"
    ? { namespace: "tenant-x-prod", horizontalpodautoscaler: "tenant-service" }
    : {};
}

/** Throws with promtool's own words where rules or tests are wrong. */
async function check(rules: object, tests: object): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-rules-"));
  try {
    await writeFile(join(folder, "rules.yaml"), stringify(rules));
    await writeFile(join(folder, "tests.yaml"), stringify(tests));
    await execute(promtool ?? "", ["check", "rules", "rules.yaml"], { cwd: folder });
    await execute(promtool ?? "", ["test", "rules", "tests.yaml"], { cwd: folder });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true });
  }
}
