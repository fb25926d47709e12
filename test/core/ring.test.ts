import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { EnvironmentPolicy } from "../../bot/core/policy.ts";
import { matchesTenant, ringOf } from "../../bot/core/ring.ts";

describe("matchesTenant", () => {
  it.for<[string, string, boolean]>([
    ["a", "a", true],
    ["a", "ab", false],
    ["*", "anything", true],
    ["eu-*", "eu-1", true],
    ["eu-*", "eu-", true],
    ["eu-*", "neu-1", false],
    ["*-eu", "a-eu", true],
    ["a*a", "a", false],
    ["a*a", "aa", true],
    ["a*b*c", "a-b-c", true],
    ["a*b*c", "acb", false],
    ["a*bc*bc", "abc", false],
    ["**", "x", true],
  ])("%s on %s: %s", ([pattern, tenant, expected]) => {
    expect(matchesTenant(pattern, tenant)).toBe(expected);
  });

  it("is what the regular expression would say", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "-"), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (pattern, tenant) => {
        const expected = new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(tenant);
        expect(matchesTenant(pattern, tenant)).toBe(expected);
      }),
    );
  });
});

describe("ringOf", () => {
  const environment: EnvironmentPolicy = {
    name: "prod",
    merge: "manual",
    argocd: "default",
    promoters: { permission: "write", teams: [] },
    gates: [],
    rings: [
      { name: "canary", tenants: ["a", "b"], soakMs: 0 },
      { name: "eu", tenants: ["eu-*"], soakMs: 0 },
    ],
    rollout: { timeoutMs: 1, onFailure: "halt" },
  };

  it("is the first that matches, or none", () => {
    expect(["a", "b", "eu-1", "c"].map((tenant) => ringOf(environment, tenant))).toEqual([
      "canary",
      "canary",
      "eu",
      null,
    ]);
  });
});
