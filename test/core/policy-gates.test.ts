import { describe, expect, it } from "vitest";

import { parsePolicy } from "#core/policy-parse.ts";

/** A policy of dev and prod, with these gates in prod. */
function parse(gates: string, dev = "", source = " source: {},") {
  const text = `version: 1
services:
  web: { image: r.io/a,${source} tags: { match: "^v$" }, values: { file: "a/{tenant}/{environment}.yaml", tag: a }, application: "{tenant}-{environment}" }
environments:
  - name: dev
    gates: [${dev}]
  - name: prod
    gates:
${gates
  .trim()
  .split("\n")
  .map((line) => `      ${line.trim()}`)
  .join("\n")}
`;
  return parsePolicy(text, { repository: "acme/platform" });
}

function gatesOf(gates: string) {
  const parsed = parse(gates);
  return parsed.kind === "policy" ? parsed.policy.environments[1]?.gates : parsed.problems;
}

function problemsOf(gates: string, dev = "", source?: string) {
  const parsed = parse(gates, dev, source);
  return parsed.kind === "policy"
    ? []
    : parsed.problems.map(({ path, sentence }) => `${path}: ${sentence}`);
}

describe("the defaults of gates", () => {
  it.for([
    ["- approvals: 2", { kind: "approvals", count: 2, teams: [], people: [], distinct: false }],
    [
      "- approvals: { count: 1, teams: [sre], people: [dana], distinct: true }",
      { kind: "approvals", count: 1, teams: ["sre"], people: ["dana"], distinct: true },
    ],
    [
      '- window: { days: [mon], from: "09:00", to: "16:00", timezone: UTC }',
      {
        kind: "window",
        windows: [{ effect: "allow", days: ["mon"], from: "09:00", to: "16:00", timezone: "UTC" }],
      },
    ],
    [
      "- metric: { name: errors, query: up, max: 0.05 }",
      { kind: "metric", name: "errors", query: "up", max: 0.05, min: null, over: "upstream" },
    ],
    [
      "- error-budget: { target: 0.999, window: 30d, query: up }",
      { kind: "error-budget", target: 0.999, windowMs: 2_592_000_000, query: "up" },
    ],
    ["- image: {}", { kind: "image", match: null, digest: false }],
    [
      "- image: { attestation: { workflow: .github/workflows/ci.yml } }",
      { kind: "image", match: null, digest: false, attestation: ".github/workflows/ci.yml" },
    ],
    ["- manual: { name: qa }", { kind: "manual", name: "qa", teams: [], people: [] }],
  ] as const)("%s", ([written, gate]) => {
    expect(gatesOf(written)).toEqual([gate]);
  });
});

describe("what gates must fulfil", () => {
  it.for([
    [
      "- approvals: { count: 3, people: [dana, erin] }",
      "environments[1].gates[0].approvals.count: 3 approvals can never come from 2 people: name more, or a team",
    ],
    [
      "- approvals: { count: 1, people: [dana, Dana] }",
      'environments[1].gates[0].approvals.people[1]: "dana" is named twice: keep one',
    ],
    [
      "- manual: { name: qa, teams: [sre, sre] }",
      'environments[1].gates[0].manual.teams[1]: "sre" is named twice: keep one',
    ],
    [
      "- manual: { name: qa }\n- manual: { name: qa }",
      'environments[1].gates[1].manual.name: the manual gate "qa" is written twice, and /approve could not tell them apart: choose another name',
    ],
    [
      "- metric: { name: a, query: 'up{env=\"$enviroment\"}', max: 1 }",
      'environments[1].gates[0].metric.query: the placeholder "$enviroment" is unknown: did you mean "$environment"?',
    ],
    [
      "- metric: { name: a, query: 'up[$window]', max: 1 }",
      'environments[1].gates[0].metric.query: the placeholder "$window" is unknown: there are $environment, $service, $tenants, and "$$" is one "$"',
    ],
    [
      "- error-budget: { target: 0.9, window: 1d, query: a }\n- error-budget: { target: 0.9, window: 1d, query: b }",
      "environments[1].gates[1].error-budget: the gate error-budget is written twice: make one of the two",
    ],
  ] as const)("%s", ([written, problem]) => {
    expect(problemsOf(written)).toEqual([problem]);
  });

  it("an attestation is signed by a workflow, and kept with a source", () => {
    const gate = "- image: { attestation: { workflow: ci.yml } }";
    expect(problemsOf(gate)).toEqual([
      'environments[1].gates[0].image.attestation.workflow: "ci.yml" is no workflow: write its path, as in ".github/workflows/ci.yml" or "acme/demo-api/.github/workflows/ci.yml@refs/heads/main"',
    ]);
    const right = gate.replace("ci.yml", ".github/workflows/ci.yml");
    expect(problemsOf(right)).toEqual([]);
    expect(problemsOf(right, "", "")).toContain(
      'environments[1].gates[0].image.attestation: the service "web" has no source, and its attestations are kept there: write "source" in it',
    );
  });

  it("checks are read on the source commit", () => {
    expect(problemsOf("- checks: [test]")).toEqual([]);
    const sentence =
      'the service "web" has no source, and the checks are read there: write "source" in it';
    expect(problemsOf("- checks: [test]", "checks: [lint]", "")).toEqual(
      expect.arrayContaining([
        `environments[0].gates[0].checks: ${sentence}`,
        `environments[1].gates[0].checks: ${sentence}`,
      ]),
    );
  });

  it("a metric in the first environment has nothing to measure", () => {
    expect(problemsOf("- soak: 1h", "metric: { name: a, query: up, max: 1 }")).toEqual([
      "environments[0].gates[0].metric: there is no environment before the first, so there is nothing to measure: give the gate to the next one",
    ]);
  });

  it("several windows, metrics and manual gates are as they should be", () => {
    const window = '- window: { days: [mon], from: "09:00", to: "16:00", timezone: UTC }';
    const metric = "- metric: { name: a, query: 'up{p=~\"/$$\"}', max: 1 }";
    const manual = "- manual: { name: qa }\n- manual: { name: legal }";
    expect(problemsOf([window, window, metric, metric, manual].join("\n"))).toEqual([]);
  });
});
