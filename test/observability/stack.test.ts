import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { beforeAll, describe, expect, inject, it } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";

import { streamLabels } from "./log-query.ts";
import { allAlerts, observability } from "./read-rules.ts";

const execute = promisify(execFile);
const { amtool } = inject("tools");

type Datasource = {
  readonly name: string;
  readonly type: string;
  readonly uid: string;
  readonly isDefault?: boolean;
};
type Stack = {
  readonly prometheus: { readonly prometheusSpec: Readonly<Record<string, unknown>> };
  readonly alertmanager: {
    readonly alertmanagerSpec: { readonly secrets: readonly string[] };
    readonly config: object;
  };
  readonly grafana: {
    readonly admin: { readonly existingSecret: string };
    readonly sidecar: { readonly datasources: { readonly isDefaultDatasource: boolean } };
    readonly additionalDataSources: readonly Datasource[];
  };
};
const files = ["kube-prometheus-stack", "loki", "alloy", "tempo"] as const;
const texts: Record<string, string> = {};
let stack: Stack;

beforeAll(async () => {
  for (const name of files)
    texts[name] = await readFile(join(observability, `stack/${name}.yaml`), "utf8");
  stack = parse(texts["kube-prometheus-stack"] ?? "", { merge: true }) as Stack;
});

describe("Prometheus", () => {
  it("scrapes every 15 s and keeps 15 days", () => {
    expect(stack.prometheus.prometheusSpec).toMatchObject({
      scrapeInterval: "15s",
      evaluationInterval: "15s",
      retention: "15d",
    });
  });
});

describe("Grafana", () => {
  it("has exactly one default datasource over all four charts", () => {
    const { sidecar, additionalDataSources } = stack.grafana;
    // kube-prometheus-stack makes one for its Prometheus, which this setting makes the default.
    const ofTheChart: Datasource = {
      name: "Prometheus",
      type: "prometheus",
      uid: "prometheus",
      isDefault: sidecar.datasources.isDefaultDatasource,
    };
    const all = [ofTheChart, ...additionalDataSources];
    expect(all.filter(({ isDefault }) => isDefault === true).map(({ name }) => name)).toEqual([
      "Prometheus",
    ]);
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(all.length);
    // The other charts could bring datasources only so; loki-stack did.
    for (const name of ["loki", "alloy", "tempo"] as const)
      expect(texts[name]).not.toMatch(/grafana_datasource|isDefault|^grafana:/m);
  });

  it("leads from lines to traces and back, by datasources that there are", () => {
    const uids = stack.grafana.additionalDataSources.map(({ uid }) => uid);
    const text = texts["kube-prometheus-stack"] ?? "";
    const linked = [...text.matchAll(/datasourceUid: (\w+)/g)].map(([, uid]) => uid ?? "");
    expect(linked.sort()).toEqual(["loki", "tempo"]);
    expect(uids).toEqual(expect.arrayContaining(linked));
    // One dollar sign is Grafana's own, for the environment.
    expect(text).not.toMatch(/[^$]\$\{__/);
  });
});

describe("secrets", () => {
  it("are by reference only, and gitops/secrets brings each", async () => {
    const secrets = await readFile(
      resolve(observability, "../gitops/secrets/monitoring.yaml"),
      "utf8",
    );
    const brought = parseAllDocuments(secrets).map(
      (one) =>
        one.toJS() as {
          metadata: { name: string };
          spec: { data: readonly { secretKey: string }[] };
        },
    );
    const keysOf = (name: string) =>
      brought.find(({ metadata }) => metadata.name === name)?.spec.data.map((key) => key.secretKey);
    expect(keysOf(stack.grafana.admin.existingSecret)).toEqual(["admin-user", "admin-password"]);
    const text = texts["kube-prometheus-stack"] ?? "";
    const [secret = ""] = stack.alertmanager.alertmanagerSpec.secrets;
    const paths = [...text.matchAll(/_file: \/etc\/alertmanager\/secrets\/([\w-]+)\/([\w-]+)/g)];
    expect(paths.map(([, name]) => name)).toEqual([secret, secret]);
    expect(paths.map(([, , key]) => key ?? "").sort()).toEqual([...(keysOf(secret) ?? [])].sort());
    for (const name of files)
      expect(texts[name]).not.toMatch(/hooks\.slack\.com|\b(?:api_url|routing_key|password): \S/);
  });
});

describe.skipIf(amtool === null)("Alertmanager, by amtool", () => {
  async function ask(...words: readonly string[]): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "sluice-alertmanager-"));
    const file = join(folder, "alertmanager.yaml");
    await writeFile(file, stringify(stack.alertmanager.config, { aliasDuplicateObjects: false }));
    try {
      const [verb = "", ...rest] = words;
      const args =
        verb === "check-config"
          ? [verb, file]
          : ["config", "routes", "test", "--config.file", file, verb, ...rest];
      return (await execute(amtool ?? "", args, { timeout: 30_000 })).stdout.trim();
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  it("accepts the configuration", async () => {
    expect(await ask("check-config")).toContain("SUCCESS");
  });

  it("routes critical to the pager and Slack, warning to Slack, and the heartbeat to nobody", async () => {
    for (const { alert, labels } of allAlerts()) {
      const severity = labels?.["severity"] ?? "";
      const receiver = await ask(`alertname=${alert}`, `severity=${severity}`, "namespace=x");
      const expected = severity === "critical" ? "pagerduty-and-slack" : "slack";
      expect(`${alert} to ${receiver}`).toBe(`${alert} to ${expected}`);
    }
    expect(await ask("alertname=Watchdog", "severity=none")).toBe("nobody");
    expect(await ask("alertname=Unheard", "severity=unknown")).toBe("slack");
    const receivers = (
      stack.alertmanager.config as { receivers: readonly Record<string, unknown>[] }
    ).receivers;
    const kinds = receivers.map((one) => [one["name"], Object.keys(one).slice(1).sort()]);
    expect(Object.fromEntries(kinds)).toEqual({
      nobody: [],
      slack: ["slack_configs"],
      "pagerduty-and-slack": ["pagerduty_configs", "slack_configs"],
    });
  });
});

describe("the collector", () => {
  it("keeps labels of bounded values only, no more than Loki takes, and pods beside the line", () => {
    const alloy = texts["alloy"] ?? "";
    const [, kept = ""] = /label_keep \{\s+values = \[([^\]]+)\]/.exec(alloy) ?? [];
    const names = [...kept.matchAll(/"(\w+)"/g)].map(([, name]) => name ?? "");
    expect(names).toEqual(streamLabels);
    const loki = parse(texts["loki"] ?? "") as {
      loki: { limits_config: Readonly<Record<string, unknown>> };
    };
    const limits = loki.loki.limits_config;
    expect(names.length).toBeLessThanOrEqual(Number(limits["max_label_names_per_series"]));
    expect(limits).toMatchObject({ allow_structured_metadata: true, retention_period: "360h" });
    expect(alloy).toMatch(/structured_metadata \{\s+values = \{ pod = "", trace_id = "" \}/);
    for (const name of names.filter((each) => each !== "level"))
      expect(alloy).toMatch(new RegExp(`target_label +  *= "${name}"`));
  });

  it("is wired: every component that another names is there, and every brace is closed", () => {
    const { content } = (
      parse(texts["alloy"] ?? "") as { alloy: { configMap: { content: string } } }
    ).alloy.configMap;
    const there = [...content.matchAll(/^([a-z_.]+) "(\w+)" \{/gm)].map(
      ([, kind, name]) => `${kind}.${name}`,
    );
    const named = [
      ...content.matchAll(
        /[[= ]((?:loki|discovery|local)\.[a-z_.]+)\.(?:receiver|output|targets)\b/g,
      ),
    ].map(([, component]) => component);
    expect(there.length).toBe(6);
    expect(named.length).toBeGreaterThanOrEqual(4);
    expect(named.filter((component) => !there.includes(component ?? ""))).toEqual([]);
    const bare = content.replaceAll(/"(?:[^"\\]|\\.)*"/g, "").replaceAll(/\/\/.*$/gm, "");
    expect(bare.split("{").length).toBe(bare.split("}").length);
  });
});
