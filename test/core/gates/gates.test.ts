import { describe, expect, it } from "vitest";

import { gates, judgeGates } from "#core/gates/all.ts";
import type { GateContext } from "#core/gates/gate-context.ts";
import { questionKey, type Answer, type Question } from "#core/plan-types.ts";
import type { Verification } from "#core/verification.ts";

import { anArtifact, anEnvironment, aRing, aService, before, noon } from "../../builders.ts";
import { parseStream } from "../plan-situation.ts";

const soaked: Verification = { kind: "verified", since: before(61) };

function aContext(change: Partial<GateContext> = {}): GateContext {
  return {
    now: noon,
    service: aService(),
    environment: anEnvironment("prod", { gates: [{ kind: "soak", forMs: 3_600_000 }] }),
    ring: aRing(),
    artifact: anArtifact("v2"),
    upstream: [upstream("staging", soaked)],
    relations: [{ from: anArtifact("v1"), order: { relation: "newer" } }],
    bar: null,
    consent: null,
    open: null,
    freezes: [],
    deployers: ["default"],
    answers: answered(healthOf("staging"), { kind: "health", health: { kind: "healthy" } }),
    ...change,
  };
}

function upstream(
  name: string,
  verification: Verification,
  kind: "environment" | "ring" = "environment",
) {
  return { kind, name, streams: [parseStream(name, "v2 ok@61")], verification };
}

function healthOf(environment: string): Question {
  const stream = { environment, service: "demo-api", ring: "all" };
  return { kind: "health", stream, artifact: anArtifact("v2") };
}

function answered(question: Question, answer: Answer): ReadonlyMap<string, Answer> {
  return new Map([[questionKey(question), answer]]);
}

function judge(gate: string, change: Partial<GateContext> = {}) {
  const { results, questions } = judgeGates(aContext(change));
  return { result: results.find((one) => one.gate === gate), questions };
}

it("has one row a gate", () => {
  expect(gates.map(({ name }) => name)).toEqual([
    "order",
    "image",
    "health",
    "soak",
    "checks",
    "metric",
    "load",
    "error-budget",
    "approvals",
    "manual",
    "window",
    "freeze",
    "deployer",
  ]);
});

it("passes when everything is in order, and lists only gates that apply", () => {
  const { results, questions } = judgeGates(aContext());
  expect(questions).toEqual([]);
  expect(results.map(({ gate, status }) => `${gate} ${status}`)).toEqual([
    "order passed",
    "health passed",
    "soak passed",
    "deployer passed",
  ]);
});

it("says a reason, a sentence, and a remedy wherever something has to be done", () => {
  const bad: Partial<GateContext>[] = [
    { deployers: [] },
    { bar: { status: "failed", reason: "vetoed", sentence: "Closed.", remedy: "Write /resume." } },
    ...(["no-targets", "failed", "refused", "withdrawn"] as const).map((kind) => ({
      upstream: [upstream("staging", unverified[kind])],
    })),
  ];
  for (const change of bad) {
    const failed = judgeGates(aContext(change)).results.filter(({ status }) => status === "failed");
    expect(failed.length).toBeGreaterThan(0);
    for (const result of failed) {
      expect(result.reason).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(result.sentence).toMatch(/^\S.*\.$/);
      expect(result.remedy).toMatch(/^\S.*\.$/);
    }
  }
});

const verdict = {
  artifact: anArtifact("v2"),
  result: "timed-out",
  at: before(5),
  commit: "c",
  tenants: ["a"],
  sentence: "Out of time.",
} as const;
const hold = { reason: "moved-backwards", sentence: "Back.", since: noon, artifact: null } as const;
const unverified = {
  "no-targets": { kind: "no-targets" },
  failed: { kind: "failed", verdict },
  refused: { kind: "refused", tenants: ["a", "b", "c", "d"] },
  missing: { kind: "missing", tenants: ["a"] },
  withdrawn: { kind: "withdrawn", hold },
} as const;

describe("health", () => {
  it.for([
    ["no-targets", "failed", "no-upstream-target", "demo-api has no target in staging."],
    [
      "failed",
      "failed",
      "upstream-failed",
      "v2 is not healthy in staging: its rollout ran out of time.",
    ],
    [
      "refused",
      "failed",
      "upstream-refused",
      "In staging the values of a, b and 2 more cannot be read, so it is not verified.",
    ],
    ["missing", "pending", "not-verified", "v2 is not verified in staging yet: a missing."],
    ["withdrawn", "failed", "upstream-moved-back", "staging was moved back from v2."],
  ] as const)("%s upstream: %s, %s", ([kind, status, reason, sentence]) => {
    const { result } = judge("health", { upstream: [upstream("staging", unverified[kind])] });
    expect(result).toMatchObject({ status, reason, sentence });
  });

  it("asks for what still holds the artifact, and is not passed before the answer", () => {
    const { result, questions } = judge("health", { answers: new Map() });
    expect(questions).toEqual([healthOf("staging")]);
    expect(result).toMatchObject({ status: "pending", reason: "not-known-yet" });
  });

  it.for([
    ["unhealthy", "failed", "upstream-unhealthy"],
    ["unknown", "pending", "health-unknown"],
  ] as const)("%s now: %s", ([kind, status, reason]) => {
    const health = { kind, tenants: ["a"], sentence: "a is Degraded." };
    const answers = answered(healthOf("staging"), { kind: "health", health });
    expect(judge("health", { answers }).result).toMatchObject({ status, reason });
  });

  it("is skipped where nothing comes before", () => {
    expect(judge("health", { upstream: [] }).result).toMatchObject({ status: "skipped" });
  });

  it("names what to add for a ring without a tenant", () => {
    const { result } = judge("health", {
      upstream: [upstream("prod/canary", { kind: "no-targets" }, "ring")],
    });
    expect(result?.remedy).toBe(
      "Give ring prod/canary a tenant in the policy, or take the ring out.",
    );
  });
});

describe("soak", () => {
  it("says until when", () => {
    const since = before(20);
    const { result } = judge("soak", {
      upstream: [upstream("staging", { kind: "verified", since })],
    });
    expect(result).toMatchObject({
      status: "pending",
      reason: "soak-not-over",
      sentence: "Soaks for 1 hour, until 2026-03-02 12:40 UTC.",
      until: new Date("2026-03-02T12:40:00Z"),
    });
  });

  it("counts from the last environment that was needed", () => {
    const late = upstream("staging", { kind: "verified", since: before(10) });
    const early = upstream("dev", { kind: "verified", since: before(300) });
    const { result } = judge("soak", { upstream: [early, late] });
    expect(result?.until).toEqual(new Date("2026-03-02T12:50:00Z"));
  });

  it("counts a ring's own soak from the ring before", () => {
    const ring = aRing("rest", { soakMs: 1_800_000 });
    const canary = upstream("prod/canary", { kind: "verified", since: before(10) }, "ring");
    const { result } = judge("soak", { ring, upstream: [upstream("staging", soaked), canary] });
    expect(result?.until).toEqual(new Date("2026-03-02T12:20:00Z"));
  });

  it("has not begun while something is not verified", () => {
    const { result } = judge("soak", { upstream: [upstream("staging", unverified.missing)] });
    expect(result).toMatchObject({ status: "pending", reason: "soak-not-begun" });
    expect(result).not.toHaveProperty("until");
  });

  it("does not apply without a soak in the policy", () => {
    expect(judge("soak", { environment: anEnvironment("prod") }).result).toBeUndefined();
  });
});

describe("checks", () => {
  const environment = anEnvironment("prod", {
    gates: [{ kind: "checks", names: ["test", "scan"] }],
  });
  const question: Question = {
    kind: "checks",
    service: "demo-api",
    artifact: anArtifact("v2"),
    names: ["test", "scan"],
  };
  type States = Extract<Answer, { kind: "checks" }>["checks"];
  const withChecks = (checks: States) => ({
    environment,
    answers: new Map([...aContext().answers, ...answered(question, { kind: "checks", checks })]),
  });

  it("asks once for all names", () => {
    expect(judge("checks", { environment }).questions).toEqual([question]);
  });

  it.for([
    ["success", "success", "passed", "checks-green"],
    ["success", "pending", "pending", "checks-pending"],
    ["success", "missing", "pending", "checks-missing"],
    ["failure", "pending", "failed", "checks-failed"],
  ] as const)("%s and %s: %s", ([one, other, status, reason]) => {
    const checks = [
      { name: "test", state: one },
      { name: "scan", state: other },
    ];
    expect(judge("checks", withChecks(checks)).result).toMatchObject({ status, reason });
  });

  it("does not take a check that the answer leaves out for green", () => {
    const { result } = judge("checks", withChecks([{ name: "test", state: "success" }]));
    expect(result).toMatchObject({ status: "pending", reason: "checks-missing" });
  });
});

describe("deployer", () => {
  it.for([
    ["default", "Set ARGOCD_URL and ARGOCD_TOKEN where Sluice runs, or merge by hand."],
    [
      "prod-eu",
      "Set ARGOCD_URL__PROD_EU and ARGOCD_TOKEN__PROD_EU where Sluice runs, or merge by hand.",
    ],
  ] as const)("names the setting of %s", ([argocd, remedy]) => {
    const environment = anEnvironment("prod", { argocd });
    expect(judge("deployer", { environment, deployers: ["other"] }).result).toMatchObject({
      status: "failed",
      reason: "not-configured",
      remedy,
    });
  });
});

describe("order", () => {
  const diverged = {
    relation: "unordered",
    reason: "diverged",
    sentence: "They diverged.",
  } as const;
  const relations = [{ from: anArtifact("v1"), order: diverged }];
  const consent = { by: "dana", at: noon, head: "head" };

  it("leaves the decision to a person", () => {
    expect(judge("order", { relations }).result).toMatchObject({
      status: "pending",
      reason: "diverged",
      decision: true,
    });
  });

  it("takes a consent for the decision", () => {
    expect(judge("order", { relations, consent }).result).toMatchObject({ status: "passed" });
  });

  it("takes no consent against a bar", () => {
    const bar = { status: "failed", reason: "vetoed", sentence: "Closed." } as const;
    expect(judge("order", { relations, consent, bar }).result).toMatchObject({
      status: "failed",
      reason: "vetoed",
    });
  });

  it("asks for what it does not know", () => {
    const { questions } = judge("order", { relations: [{ from: anArtifact("v1"), order: null }] });
    expect(questions).toEqual([
      { kind: "order", service: "demo-api", from: anArtifact("v1"), to: anArtifact("v2") },
    ]);
  });
});
