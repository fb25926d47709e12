import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { assignRings, matchesTenant, type RingTenant } from "../../bot/core/ring.ts";
import { aRing } from "../builders.ts";

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

describe("assignRings", () => {
  const canary = aRing("canary", { takes: { kind: "names", patterns: ["a", "b"] } });
  const early = aRing("early", { takes: { kind: "label", path: "sluice.ring", is: "early" } });
  const tenth = aRing("tenth", { takes: { kind: "percent", percent: 10 } });

  it("the first ring that takes a tenant has it; one that none takes is in none", () => {
    const eu = aRing("eu", { takes: { kind: "names", patterns: ["eu-*", "a"] } });
    const rings = assignRings({ rings: [canary, eu] }, named(["c", "eu-1", "b", "a"]));
    expect(Object.fromEntries(rings)).toEqual({ a: "canary", b: "canary", "eu-1": "eu" });
  });

  it("a label takes those whose file says exactly that", () => {
    const tenants = [
      aTenant("a", { label: "early" }),
      aTenant("b", { label: "Early" }),
      aTenant("c", { label: "" }),
      aTenant("d"),
    ];
    const rings = assignRings({ rings: [early, aRing("rest")] }, tenants);
    expect(Object.fromEntries(rings)).toEqual({ a: "early", b: "rest", c: "rest", d: "rest" });
  });

  it("a share is counted of those whom no ring before has taken", () => {
    const rings = assignRings({ rings: [canary, tenth, aRing("rest")] }, named(many(52)));
    const sizes = Object.groupBy(rings.values(), (ring) => ring);
    expect([sizes["tenth"]?.length, sizes["rest"]?.length]).toEqual([5, 47]);
  });

  it("a share takes one at least, and nobody where nobody is left", () => {
    const rest = aRing("rest");
    expect([...assignRings({ rings: [tenth, rest] }, named(["a"]))]).toEqual([["a", "tenth"]]);
    expect([...assignRings({ rings: [rest, tenth] }, named(["a"]))]).toEqual([["a", "rest"]]);
    expect([...assignRings({ rings: [tenth] }, [])]).toEqual([]);
  });

  it.for(many(10))("a share takes %s where nobody else moves", (mover) => {
    const tenants = many(10).map((tenant) => aTenant(tenant, { stays: tenant !== mover }));
    const rings = assignRings({ rings: [tenth, aRing("rest")] }, tenants);
    expect([...rings].filter(([, ring]) => ring === "tenth")).toEqual([[mover, "tenth"]]);
  });

  it("always the same, in whatever order they come, and a new tenant moves one other at most", () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), {
      minLength: 1,
      maxLength: 40,
    });
    const percent = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(names, percent, ([newest = "", ...others], share) => {
        const rings = [
          aRing("share", { takes: { kind: "percent", percent: share } }),
          aRing("rest"),
        ];
        const before = assignRings({ rings }, named(others));
        expect(assignRings({ rings }, named(others.toReversed()))).toEqual(before);
        const after = assignRings({ rings }, named([newest, ...others]));
        const moved = others.filter((tenant) => before.get(tenant) !== after.get(tenant));
        expect(moved.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

function many(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `tenant-${index}`);
}

function named(names: readonly string[]): readonly RingTenant[] {
  return names.map((name) => aTenant(name));
}

function aTenant(tenant: string, says: { label?: string; stays?: boolean } = {}): RingTenant {
  const labels = new Map(
    says.label === undefined ? [] : [["sluice.ring", new Set([says.label])] as const],
  );
  return { tenant, labels, stays: says.stays === true };
}
