import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { budgetQuery, budgetState } from "#core/error-budget.ts";
import type { ErrorBudgetPolicy } from "#core/gate-policy.ts";
import { parsePolicy } from "#core/policy-parse.ts";

import { problemsOf, secondsOf, selectorsOf } from "./promql.ts";
import { allRules, groupsOf, observability, recordedNames } from "./read-rules.ts";

const text = readFileSync(join(observability, "slo.md"), "utf8");
const window = secondsOf("30d");

/** The share that may be bad, as the rules state it. */
function budgetOfRules(slo: string): number {
  const rule = allRules().find(
    ({ record, labels }) => record === "slo:error_budget:ratio" && labels?.["slo"] === slo,
  );
  return Number(/^vector\((.+)\)$/.exec(rule?.expr ?? "")?.[1]);
}

describe("objectives", () => {
  it.for([
    ["availability", "99.9%"],
    ["latency", "95%"],
  ] as const)("%s is the same in the document and in the rules: %s", ([slo, promised]) => {
    expect(text).toMatch(new RegExp(`\\| ${slo} +\\|[^|]*\\| ${promised} +\\|`));
    expect(1 - budgetOfRules(slo)).toBeCloseTo(Number.parseFloat(promised) / 100, 9);
  });

  it("99.9% over 30 days leaves 43 min 12 s", () => {
    const seconds = Math.round(budgetOfRules("availability") * window);
    expect(`${Math.floor(seconds / 60)} min ${seconds % 60} s`).toBe("43 min 12 s");
    expect(text).toContain("43 min 12 s");
  });

  it.for([
    [14.4, "1h", 0.02],
    [6, "6h", 0.05],
    [3, "1d", 0.1],
    [1, "3d", 0.1],
  ] as const)("burning %s times too fast for %s spends %s of the budget", ([rate, over, share]) => {
    expect((rate * secondsOf(over)) / window).toBeCloseTo(share, 9);
    const alerts = allRules().filter(({ alert }) => alert?.startsWith("ErrorBudgetBurning"));
    const written = `namespace_service_slo:burn_rate:${over} > ${rate}`;
    expect(alerts.some(({ expr }) => expr.includes(`${written}\n`))).toBe(true);
    const inWords = over.replace(/(\d+)(\w)/, "$1 $2");
    expect(text).toMatch(
      new RegExp(`over (?:\\w+ \\w+ and )?${inWords} and|${rate} times[^|]*${inWords}`),
    );
    expect(text).toContain(`${share * 100}%`);
  });

  it("multiply samples by the interval in which they are made", () => {
    const file = join(observability, "rules/recording.yaml");
    const windows = groupsOf(file).find(({ name }) => name === "slo.windows");
    expect(secondsOf(windows?.interval ?? "")).toBe(60);
    const sums = allRules().filter(({ expr }) => /_over_time\(.*\) \* \d+$/.test(expr.trim()));
    expect(sums.length).toBeGreaterThanOrEqual(7);
    for (const { expr } of sums) expect(expr.trim()).toMatch(/\* 60$/);
  });

  it("never alert on fewer than ten bad requests", () => {
    const alerts = allRules().filter(({ alert }) => alert?.startsWith("ErrorBudget"));
    expect(alerts).toHaveLength(4);
    for (const { expr } of alerts) {
      const guards = expr.match(/(?:requests_bad:increase\w+|increase30d\{count="bad"\}) >= 10/g);
      expect(guards).toHaveLength(expr.includes("\nor (") ? 2 : 1);
    }
  });
});

describe("the gate that slo.md shows", () => {
  const [, gate = ""] = /```yaml\n([^`]+)```/.exec(text) ?? [];
  const policy = `version: 1
services:
  tenant-service:
    image: ghcr.io/acme/tenant-service
    source: {}
    tags: { match: "^sha-[0-9a-f]{7,40}$", order: ancestry }
    values: { file: "gitops/tenants/{tenant}/{environment}.yaml", tag: image.tag }
    application: "{tenant}-{environment}"
environments:
  - name: prod
    merge: auto
${gate.replaceAll(/^/gm, "    ")}`;
  const parsed = parsePolicy(policy, { repository: "acme/sluice" });

  it("is a valid policy, with the objective's figures", () => {
    if (parsed.kind !== "policy") throw new Error(JSON.stringify(parsed));
    const [budget] = parsed.policy.environments.flatMap(({ gates }) =>
      gates.filter((each): each is ErrorBudgetPolicy => each.kind === "error-budget"),
    );
    expect(budget).toMatchObject({ windowMs: window * 1_000 });
    expect(1 - (budget?.target ?? 0)).toBeCloseTo(budgetOfRules("availability"), 9);
  });

  it("asks for what the rules record, and freezes when it is spent", () => {
    if (parsed.kind !== "policy") throw new Error(JSON.stringify(parsed));
    const [environment] = parsed.policy.environments;
    const budget = environment?.gates.find((each) => each.kind === "error-budget");
    if (environment === undefined || budget?.kind !== "error-budget") throw new Error("no budget");
    const query = budgetQuery(environment, budget);
    expect(problemsOf(query)).toEqual([]);
    expect(query).toContain('namespace=~".+-prod"');
    const asked = selectorsOf(query).map(({ metric }) => metric);
    expect(asked).toHaveLength(2);
    expect(asked.filter((metric) => !recordedNames().has(metric))).toEqual([]);
    expect(budgetState(budget, { kind: "value", value: 0.001 })).toMatchObject({ spent: 1 });
  });
});
