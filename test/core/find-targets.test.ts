import { describe, expect, it } from "vitest";

import { findTargets, type TreeFile } from "../../bot/core/find-targets.ts";
import { parsePolicy } from "../../bot/core/policy-parse.ts";
import type { Policy } from "../../bot/core/policy.ts";

const written = `
version: 1
services:
  web:
    image: ghcr.io/acme/web
    source: {}
    tags: { match: "^sha-[0-9a-f]{7}$" }
    values: { file: "gitops/tenants/{tenant}/{environment}.yaml", tag: web.tag }
    application: "{tenant}-{environment}"
  api:
    image: ghcr.io/acme/api
    source: {}
    tags: { match: "^sha-[0-9a-f]{7}$" }
    values: { file: "gitops/tenants/{tenant}/{environment}.yaml", tag: api.tag }
    application: "{tenant}-{environment}"
environments: [{ name: dev }, { name: eu-dev }, { name: prod }]
`;

function policyOf(text: string): Policy {
  const parsed = parsePolicy(text, { repository: "acme/platform" });
  if (parsed.kind === "invalid") throw new Error(JSON.stringify(parsed.problems));
  return parsed.policy;
}

function file(path: string, mode = "100644"): TreeFile {
  return { path, mode };
}

function reasons(policy: Policy, files: readonly TreeFile[]): string[] {
  return findTargets(policy, files).problems.map(({ file, reason }) => `${reason} ${file}`);
}

describe("findTargets", () => {
  const policy = policyOf(written);

  it("finds a target for every service and tenant", () => {
    const found = findTargets(policy, [
      file("gitops/tenants/b/prod.yaml"),
      file("gitops/tenants/a/prod.yaml", "100755"),
      file("gitops/tenants/b/dev.yaml"),
      file("README.md"),
    ]);
    expect(found.problems).toEqual([]);
    expect(
      found.targets.map(({ environment, service, tenant, file, application }) =>
        [service, environment, tenant, file, application].join(" "),
      ),
    ).toEqual([
      "web prod b gitops/tenants/b/prod.yaml b-prod",
      "web prod a gitops/tenants/a/prod.yaml a-prod",
      "web dev b gitops/tenants/b/dev.yaml b-dev",
      "api prod b gitops/tenants/b/prod.yaml b-prod",
      "api prod a gitops/tenants/a/prod.yaml a-prod",
      "api dev b gitops/tenants/b/dev.yaml b-dev",
    ]);
  });

  it.for<[string, TreeFile[], string[]]>([
    ["another environment", [file("gitops/tenants/a/qa.yaml")], []],
    ["a file deeper down", [file("gitops/tenants/a/b/dev.yaml")], []],
    ["a path that only resembles", [file("gitopsXtenants/a/dev.yaml")], []],
    [
      "an environment in capitals",
      [file("gitops/tenants/a/Dev.yaml")],
      ["environment-name gitops/tenants/a/Dev.yaml"],
    ],
    [
      "a tenant that is no label",
      [file("gitops/tenants/a_b/dev.yaml")],
      ["tenant-name gitops/tenants/a_b/dev.yaml"],
    ],
    [
      "a tenant of dots",
      [file("gitops/tenants/../dev.yaml")],
      ["tenant-name gitops/tenants/../dev.yaml"],
    ],
    [
      "an encoded slash",
      [file("gitops/tenants/a%2fb/dev.yaml")],
      ["tenant-name gitops/tenants/a%2fb/dev.yaml"],
    ],
    [
      "a device of Windows",
      [file("gitops/tenants/con/dev.yaml")],
      ["tenant-name gitops/tenants/con/dev.yaml"],
    ],
    [
      "64 characters",
      [file(`gitops/tenants/${"a".repeat(64)}/dev.yaml`)],
      [`tenant-name gitops/tenants/${"a".repeat(64)}/dev.yaml`],
    ],
    [
      "a link",
      [file("gitops/tenants/a/dev.yaml", "120000")],
      ["not-a-file gitops/tenants/a/dev.yaml"],
    ],
    [
      "a submodule as tenant",
      [file("gitops/tenants/a", "160000")],
      ["not-a-file gitops/tenants/a"],
    ],
    [
      "a link elsewhere",
      [file("docs/a", "120000"), file("gitops/tenants/a/notes.yaml", "120000")],
      [],
    ],
    [
      "tenants that differ in case",
      [file("gitops/tenants/acme/dev.yaml"), file("gitops/tenants/Acme/prod.yaml")],
      [
        "case-collision gitops/tenants/acme/dev.yaml",
        "case-collision gitops/tenants/Acme/prod.yaml",
      ],
    ],
    [
      "two targets with one application",
      [file("gitops/tenants/a-eu/dev.yaml"), file("gitops/tenants/a/eu-dev.yaml")],
      [
        "same-application gitops/tenants/a-eu/dev.yaml",
        "same-application gitops/tenants/a/eu-dev.yaml",
      ],
    ],
  ])("%s", ([, files, expected]) => {
    expect(reasons(policy, files)).toEqual(expected);
    expect(findTargets(policy, files).targets).toEqual([]);
  });

  it("a problem of one tenant leaves the others alone", () => {
    const found = findTargets(policy, [
      file("gitops/tenants/A/dev.yaml"),
      file("gitops/tenants/b/dev.yaml"),
    ]);
    expect(found.targets.map(({ tenant }) => tenant)).toEqual(["b", "b"]);
    expect(found.problems.map(({ sentence }) => sentence)).toMatchInlineSnapshot(`
      [
        ""A" is no name of a tenant: use lower-case letters, digits and inner dashes, at most 63 characters",
      ]
    `);
  });

  it("reads a template's own characters literally", () => {
    const odd = policyOf(written.replaceAll("gitops/tenants/{tenant}/", "a.(x)+[y]/{tenant}."));
    const { targets } = findTargets(odd, [
      file("a.(x)+[y]/t.dev.yaml"),
      file("abxxy/t.dev.yaml"),
      file("a.(x)+[y]/tXdev.yaml"),
    ]);
    expect(targets.map(({ file }) => file)).toEqual([
      "a.(x)+[y]/t.dev.yaml",
      "a.(x)+[y]/t.dev.yaml",
    ]);
  });

  it("a name that stands twice must be the same twice", () => {
    const twice = policyOf(
      written.replaceAll("/{environment}.yaml", "/{environment}/{tenant}.yaml"),
    );
    const { targets } = findTargets(twice, [
      file("gitops/tenants/a/dev/a.yaml"),
      file("gitops/tenants/a/dev/b.yaml"),
    ]);
    expect(targets.map(({ tenant }) => tenant)).toEqual(["a", "a"]);
  });

  it("ten thousand files are quick", () => {
    const files = Array.from({ length: 10_000 }, (_, index) =>
      file(
        `gitops/tenants/tenant-${Math.floor(index / 2)}/${index % 2 === 0 ? "dev" : "prod"}.yaml`,
      ),
    );
    findTargets(policy, files);
    const start = performance.now();
    const { targets, problems } = findTargets(policy, files);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect([targets.length, problems.length]).toEqual([20_000, 0]);
  });
});
