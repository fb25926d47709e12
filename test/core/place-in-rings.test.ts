import { describe, expect, it } from "vitest";

import { labelsOf, placeInRings, type ReadTarget } from "#core/place-in-rings.ts";
import type { RingPolicy } from "#core/policy.ts";

import { aPolicy, aRing, aService, anArtifact, anEnvironment, aTarget } from "../builders.ts";

const early = aRing("early", { takes: { kind: "label", path: "sluice.ring", is: "early" } });
const rest = aRing("rest");
const pinned = { kind: "pinned", sentence: "Pinned." } as const;

function aPolicyWith(...rings: RingPolicy[]) {
  const services = [aService({ name: "web" }), aService({ name: "api" })];
  return aPolicy({
    services,
    environments: [anEnvironment("dev"), anEnvironment("prod", { rings })],
  });
}

function aRead(
  tenant: string,
  change: Partial<ReadTarget> & { service?: string } = {},
): ReadTarget {
  const { ring: _ring, ...target } = aTarget(tenant, { environment: "prod", service: "web" });
  const { service = "web", ...more } = change;
  return {
    target: { ...target, service },
    desired: { kind: "artifact", artifact: anArtifact() },
    stays: null,
    labels: new Map(),
    ...more,
  };
}

function shown(rings: readonly RingPolicy[], read: readonly ReadTarget[]) {
  const { targets, problems } = placeInRings(aPolicyWith(...rings), read);
  return {
    targets: targets.map(({ target }) => `${target.service}/${target.ring} ${target.tenant}`),
    problems: problems.map(({ reason }) => reason),
  };
}

describe("placeInRings", () => {
  const label = new Map([["sluice.ring", "early"]]);

  it("orders by service, ring and tenant", () => {
    const canary = aRing("canary", { takes: { kind: "names", patterns: ["c"] } });
    const read = [aRead("b"), aRead("a", { service: "api" }), aRead("c"), aRead("a")];
    expect(shown([canary, rest], read).targets).toEqual([
      "web/canary c",
      "web/rest a",
      "web/rest b",
      "api/rest a",
    ]);
  });

  it("a label in one of a tenant's files puts all that it has into the ring", () => {
    const read = [aRead("a", { labels: label }), aRead("a", { service: "api" }), aRead("b")];
    expect(shown([early, rest], read).targets).toEqual([
      "web/early a",
      "web/rest b",
      "api/early a",
    ]);
  });

  it("a share takes the same tenants of every service", () => {
    const half = aRing("half", { takes: { kind: "percent", percent: 50 } });
    const names = Array.from({ length: 20 }, (_, index) => `t${index}`);
    // The services do not have the same tenants.
    const read = names.flatMap((name, index) => [
      ...(index % 3 === 0 ? [] : [aRead(name)]),
      ...(index % 3 === 1 ? [] : [aRead(name, { service: "api" })]),
    ]);
    const { targets } = placeInRings(aPolicyWith(half, rest), read);
    expect(targets).toHaveLength(read.length);
    const rings = Map.groupBy(targets, ({ target }) => target.tenant);
    for (const own of rings.values())
      expect(new Set(own.map(({ target }) => target.ring)).size).toBe(1);
    const inHalf = [...rings.values()].filter(([one]) => one?.target.ring === "half");
    expect(inHalf).toHaveLength(10);
  });

  it("says whom no ring takes, unless it is left alone anyway", () => {
    const canary = aRing("canary", { takes: { kind: "names", patterns: ["a"] } });
    const read = [aRead("a"), aRead("b"), aRead("c", { stays: { ...pinned, kind: "excluded" } })];
    expect(shown([canary], read)).toEqual({ targets: ["web/canary a"], problems: ["no-ring"] });
    const { problems } = placeInRings(aPolicyWith(canary), read);
    expect(problems.map(({ sentence }) => sentence)).toMatchInlineSnapshot(`
      [
        "no ring of prod takes the tenant "b": add it to one, or end with a ring for "*"",
      ]
    `);
  });

  it("keeps why a target stays", () => {
    const { targets } = placeInRings(aPolicyWith(rest), [
      aRead("a", { stays: pinned }),
      aRead("b"),
    ]);
    expect(targets.map(({ stays }) => stays)).toEqual([pinned, undefined]);
  });

  it("ten thousand targets are quick", () => {
    const half = aRing("half", { takes: { kind: "percent", percent: 50 } });
    const read = Array.from({ length: 10_000 }, (_, index) => aRead(`t${index}`));
    const start = performance.now();
    const { targets } = placeInRings(aPolicyWith(half, rest), read);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(targets).toHaveLength(10_000);
  });
});

it("each label is asked for once", () => {
  const late = aRing("late", { takes: { kind: "label", path: "sluice.ring", is: "late" } });
  expect(labelsOf({ rings: [early, late, rest] })).toEqual(["sluice.ring"]);
});
