import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { commands } from "#core/command-table.ts";

import { groupingLabelsOf, lookbackOf, problemsOf, secondsOf, selectorsOf } from "./promql.ts";
import {
  alertCases,
  allAlerts,
  allRules,
  filesOf,
  observability,
  recordedNames,
} from "./read-rules.ts";

/** What was promised: severity, and how long it must last. */
const promised: Readonly<Record<string, readonly [severity: string, lasts: string]>> = {
  HighErrorRate: ["critical", "5m"],
  HighLatencyP99: ["warning", "5m"],
  PodCrashLooping: ["critical", "5m"],
  DeploymentReplicasMismatch: ["warning", "5m"],
  NodeDiskPressure: ["warning", "10m"],
  ErrorBudgetBurningFast: ["critical", "2m"],
  ErrorBudgetBurningSlowly: ["warning", "15m"],
  ErrorBudgetHalfSpent: ["warning", "0m"],
  ErrorBudgetSpent: ["critical", "0m"],
  SluiceDown: ["critical", "5m"],
  SluiceQueueStalled: ["critical", "5m"],
  SluiceDeadLetters: ["warning", "5m"],
  SluiceGitHubBudgetLow: ["warning", "10m"],
  SluiceNoDeliveries: ["warning", "10m"],
  SluiceArgoCDUnreachable: ["critical", "5m"],
  SluicePolicyInvalid: ["warning", "10m"],
};
const alerts = allAlerts();
const runbooks = "https://github.com/acme/sluice/blob/main/observability/runbooks/";
const sections = ["Understand", "Look", "Common causes", "Roll back", "Communicate"];

describe("alerts", () => {
  it("are exactly those that were promised, as severe and as patient", () => {
    const found = alerts.map(({ alert, labels, for: lasts }) => [
      alert,
      [labels?.["severity"], lasts ?? "0m"],
    ]);
    expect(Object.fromEntries(found)).toEqual(promised);
    expect(found).toHaveLength(Object.keys(promised).length);
  });

  it.for(alerts.map((one) => [one.alert, one] as const))(
    "%s has a firing and a quiet case, a summary and a runbook that names it",
    ([name, { annotations, labels }]) => {
      const cases = alertCases().filter(({ alertname }) => alertname === name);
      expect(cases.some(({ exp_alerts: expected }) => expected.length > 0)).toBe(true);
      expect(cases.some(({ exp_alerts: expected }) => expected.length === 0)).toBe(true);
      expect(annotations?.["summary"]).toMatch(/\S{3}/);
      expect(annotations?.["description"]).toMatch(/\.$/);
      expect(Object.keys(labels ?? {})).toEqual(["severity"]);
      const link = annotations?.["runbook_url"] ?? "";
      expect(link.startsWith(runbooks)).toBe(true);
      const page = join(observability, "runbooks", link.slice(runbooks.length));
      expect(existsSync(page)).toBe(true);
      expect(readFileSync(page, "utf8")).toContain(`\`${name}\``);
    },
  );

  it("are not tested by names that no rule has", () => {
    const names = new Set(alerts.map(({ alert }) => alert));
    expect(alertCases().filter(({ alertname }) => !names.has(alertname))).toEqual([]);
  });

  it("look at whole services, never at single series", () => {
    const allowed = /^(?:namespace|service|slo|pod|deployment|instance|node|queue|le)$/;
    for (const { expr } of alerts) {
      // What the recording rules made is aggregated already.
      const raw = selectorsOf(expr).filter(({ metric }) => !recordedNames().has(metric));
      if (raw.length > 0 && !expr.startsWith("absent("))
        expect(expr).toMatch(/\b(?:sum|min|max) by \(/);
      const odd = [...groupingLabelsOf(expr)].filter((label) => !allowed.test(label));
      expect(odd).toEqual([]);
    }
  });
});

describe("rules", () => {
  it.for(allRules().map((rule) => [rule.alert ?? rule.record ?? "", rule.expr] as const))(
    "%s parses, and what it reads of ours is recorded",
    ([, expr]) => {
      expect(problemsOf(expr)).toEqual([]);
      const recorded = selectorsOf(expr).filter(({ metric }) => metric.includes(":"));
      expect(recorded.filter(({ metric }) => !recordedNames().has(metric))).toEqual([]);
    },
  );

  it("look back no further than Prometheus keeps", () => {
    const farthest = Math.max(...allRules().map(({ expr }) => lookbackOf(expr)));
    expect(farthest).toBeGreaterThan(secondsOf("10d"));
    expect(farthest).toBeLessThanOrEqual(secondsOf("15d"));
  });

  it("would be caught if they did not parse", () => {
    expect(problemsOf("sum(rate(x[5m])")).not.toEqual([]);
    expect(problemsOf("")).not.toEqual([]);
    expect(lookbackOf("last_over_time(x[1h] offset 10d)")).toBe(secondsOf("10d1h"));
  });
});

describe("runbooks", () => {
  const pages = filesOf("runbooks", ".md").map((file) => [basename(file), file] as const);

  it.for(pages)("%s is for an alert, and has what one needs at night", ([, file]) => {
    const text = readFileSync(file, "utf8");
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(sections);
    expect(text).toMatch(/```sh\n/);
    expect(text).toContain("--previous");
    expect(text).toContain("describe");
    expect(text).toContain("**Revert**");
    expect(text).toMatch(/never `kubectl\s+rollout undo`/i);
  });

  it("are there for the alerts that charts bring along, too", () => {
    const template = "../helm/tenant-service/templates/prometheus-rule.yaml";
    const text = readFileSync(resolve(observability, template), "utf8");
    const linked = [...text.matchAll(/runbooks \}\}\/([\w-]+\.md)/g)].map(([, page]) => page ?? "");
    const names = [...text.matchAll(/- alert: (\w+)/g)].map(([, name]) => name ?? "");
    expect(linked).toHaveLength(names.length);
    expect(names.length).toBeGreaterThan(0);
    for (const [index, page] of linked.entries()) {
      const file = join(observability, "runbooks", page);
      expect(readFileSync(file, "utf8")).toContain(`\`${names[index] ?? ""}\``);
    }
  });

  it("name commands only that Sluice has", () => {
    const known = new Set<string>(commands.map(({ name }) => name));
    const named = pages.flatMap(([, file]) =>
      [...readFileSync(file, "utf8").matchAll(/`\/([a-z]+)(?: [^`]*)?`/g)].map(
        ([, name]) => name ?? "",
      ),
    );
    expect(named).toEqual(expect.arrayContaining(["rollback", "resume", "freeze"]));
    const paths = new Set(["readyz", "livez"]);
    expect(named.filter((name) => !known.has(name) && !paths.has(name))).toEqual([]);
  });

  it("name alerts only that there are", () => {
    const known = new Set(Object.keys(promised));
    const ours = ["TenantServiceNotScraped", "TenantServiceAtMostReplicas"];
    for (const [, file] of pages) {
      const [, line = ""] = /^Alert: (.+)$/m.exec(readFileSync(file, "utf8")) ?? [];
      const named = [...line.matchAll(/`(\w+)`/g)].map(([, name]) => name ?? "");
      expect(named).not.toEqual([]);
      expect(named.filter((name) => !known.has(name) && !ours.includes(name))).toEqual([]);
    }
  });
});
