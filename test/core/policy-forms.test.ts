import { describe, expect, it } from "vitest";

import { parsePolicy } from "#core/policy-parse.ts";

function parse({ prod = "merge: auto", rest = "" }) {
  const text = `version: 1
services:
  web: { image: r.io/a, source: {}, tags: { match: "^v$" }, values: { file: "a/{tenant}/{environment}.yaml", tag: a }, application: "{tenant}-{environment}" }
environments:
  - name: dev
  - name: prod
    ${prod}
${rest}`;
  return parsePolicy(text, { repository: "acme/platform" });
}

function problemsOf(written: Parameters<typeof parse>[0]): readonly string[] {
  const parsed = parse(written);
  return parsed.kind === "policy"
    ? []
    : parsed.problems.map(({ path, sentence }) => `${path}: ${sentence}`);
}

describe("the end of a freeze", () => {
  const freeze = (to: string) =>
    `freezes: [{ environments: [prod], from: "2026-12-20T00:00Z", to: "${to}", reason: r }]`;

  it.for([
    ["2027-01-04T00:00:00Z", "2027-01-04T00:00:00.000Z"],
    ["2027-01-04T00:00Z", "2027-01-04T00:00:00.000Z"],
    ["2027-01-04T00:00+01:00", "2027-01-03T23:00:00.000Z"],
    ["2027-01-04T00:00:30+01:00", "2027-01-03T23:00:30.000Z"],
    ["2028-02-29T00:00Z", "2028-02-29T00:00:00.000Z"],
  ] as const)("may be %s", ([to, moment]) => {
    const parsed = parse({ rest: freeze(to) });
    const [read] = parsed.kind === "policy" ? parsed.policy.freezes : [];
    expect(read?.from.toISOString()).toBe("2026-12-20T00:00:00.000Z");
    expect(read?.to.toISOString()).toBe(moment);
  });

  it.for([
    "2027-01-04",
    "2027-01-04T00:00",
    "2027-01-04 00:00Z",
    "2027-02-29T00:00Z",
    "2027-01-04T24:00Z",
    "2027-01-04T00:60Z",
    "2027-01-04T00:00:60Z",
    "2027-01-04T00:00+1",
    "2027-01-04T00:00CET",
    "soon",
  ])("may not be %s", (to) => {
    expect(problemsOf({ rest: freeze(to) })).toEqual([
      `freezes[0].to: "${to}" is not a moment: write it as in "2026-12-20T00:00Z"`,
    ]);
  });

  it("is after its beginning, whichever form they have", () => {
    expect(problemsOf({ rest: freeze("2026-12-20T00:00:00Z") })).toEqual([
      "freezes[0].to: the freeze ends before it begins: swap the two",
    ]);
  });
});

describe("a team", () => {
  it.for([
    ["promoters: { teams: [sre] }"],
    ["promoters: { teams: [site_reliability-2] }"],
    ["gates: [{ approvals: { count: 1, teams: [sre] } }, { manual: { name: qa, teams: [qa] } }]"],
  ] as const)("is its slug: %s", ([prod]) => {
    expect(problemsOf({ prod })).toEqual([]);
  });

  it.for([
    ["promoters: { teams: [acme/sre] }", "promoters.teams[0]", "acme/sre", "sre"],
    ['promoters: { teams: [qa, "@acme/sre"] }', "promoters.teams[1]", "@acme/sre", "sre"],
    [
      "gates: [{ approvals: { count: 1, teams: [acme/sre] } }]",
      "gates[0].approvals.teams[0]",
      "acme/sre",
      "sre",
    ],
    [
      "gates: [{ manual: { name: qa, teams: [acme/qa] } }]",
      "gates[0].manual.teams[0]",
      "acme/qa",
      "qa",
    ],
    [
      "promoters: { teams: [Site Reliability] }",
      "promoters.teams[0]",
      "Site Reliability",
      "site-reliability",
    ],
  ] as const)("is never more than that: %s", ([prod, path, written, slug]) => {
    expect(problemsOf({ prod })).toEqual([
      `environments[1].${path}: "${written}" is no team's slug: write it without its owner, as in "${slug}"`,
    ]);
  });
});
