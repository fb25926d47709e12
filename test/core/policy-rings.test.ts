import { describe, expect, it } from "vitest";

import { parsePolicy } from "#core/policy-parse.ts";

/** A small policy with these rings in prod, and what else is written below it. */
function parse(rings: readonly string[], more = "") {
  const text = `version: 1
services:
  demo-api:
    image: ghcr.io/acme/demo-api
    source: {}
    tags: { match: "^v1$" }
    values: { file: "tenants/{tenant}/{environment}.yaml", tag: image.tag }
    application: "{tenant}-{environment}"
environments:
  - name: prod
    rings:
${rings.map((ring) => `      - ${ring}`).join("\n")}
${more}`;
  const parsed = parsePolicy(text, { repository: "acme/platform" });
  return parsed.kind === "policy"
    ? parsed.policy
    : parsed.problems.map(({ line, sentence }) => `${line}: ${sentence}`);
}

describe("rings", () => {
  it("take names, a label or a share", () => {
    const policy = parse([
      "{ name: canary, tenants: [acme, eu-*] }",
      "{ name: early, tenants: { label: sluice.ring, is: early }, soak: 30m }",
      "{ name: tenth, percent: 10, maxFailures: 2 }",
    ]);
    expect(policy).toMatchObject({
      environments: [
        {
          supersede: "update",
          rings: [
            { takes: { kind: "names", patterns: ["acme", "eu-*"] }, soakMs: 0, maxFailures: 0 },
            { takes: { kind: "label", path: "sluice.ring", is: "early" }, soakMs: 1_800_000 },
            { takes: { kind: "percent", percent: 10 }, maxFailures: 2 },
          ],
        },
      ],
    });
  });

  it("name a label by a path that can be read", () => {
    const label = (path: string) =>
      parse([`{ name: early, tenants: { label: "${path}", is: a } }`]);
    expect(label("a..b")).toMatchInlineSnapshot(`
      [
        "12: "a..b" is no path: write keys with dots between them, as in "sluice.ring"",
      ]
    `);
    expect(label("__proto__.x")).toEqual([expect.stringContaining("12: ")]);
  });
});

describe("pins and excluded", () => {
  it("say whom, where and why", () => {
    const policy = parse(
      ['{ name: all, tenants: ["*"] }'],
      `pins: [{ tenants: [legacy], environment: prod, tag: v1, reason: contract }]
excluded: [{ tenants: [internal-*], service: demo-api, reason: by hand }]
`,
    );
    expect(policy).toMatchObject({
      pins: [
        {
          service: null,
          environment: "prod",
          tenants: ["legacy"],
          tag: "v1",
          digest: null,
          reason: "contract",
        },
      ],
      excluded: [
        { service: "demo-api", environment: null, tenants: ["internal-*"], reason: "by hand" },
      ],
    });
  });
});
