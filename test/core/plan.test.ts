import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { Artifact } from "#core/artifact.ts";
import type { GatePolicy } from "#core/gate-policy.ts";
import { gates } from "#core/gates/all.ts";
import type { CheckState, Order, PlanInput } from "#core/plan-types.ts";
import type { EnvironmentPolicy } from "#core/policy.ts";

import { aPlanInput, aPolicy, aService, anArtifact } from "../builders.ts";
import { byNumber, solve, type Oracle } from "../oracle.ts";
import { isGateFact, readGateFacts } from "./plan-gate-facts.ts";
import { isRingFact, parseRings, readRings } from "./plan-ring-facts.ts";
import { showGates, showPlan } from "./plan-situation.ts";
import { showSides } from "./side-situation.ts";

/** `plan.decisions.md` is the table; it also explains its notation. */
const text = readFileSync(new URL("plan.decisions.md", import.meta.url), "utf8");

type Row = Record<"it" | "published" | "dev" | "staging" | "prod" | "besides" | "plan", string>;

for (const section of text.split("\n## ").slice(1)) {
  const [title, ...lines] = section.split("\n");
  describe(String(title), () => {
    it.each(rowsOf(lines))("$it", (row) => {
      const world = parseWorld(row);
      const { plan } = solve(world.input, world.oracle);
      const shown = new Map(
        plan.streams.map((stream) => [stream.stream.environment, showPlan(stream)]),
      );
      for (const stream of plan.streams) {
        const { environment, ring } = stream.stream;
        shown.set(`${environment}/${ring}`, showPlan(stream));
        shown.set(`${environment} beside`, showSides(stream));
      }
      for (const stream of plan.streams)
        for (const [gate, said] of showGates(stream))
          shown.set(`${stream.stream.environment} ${gate}`, said);
      const expected = row.plan
        .split("<br>")
        .map((line) => /^([\w/ -]+): (.*)$/.exec(line)?.slice(1));
      expect(expected.map((pair) => [pair?.[0], shown.get(pair?.[0] ?? "")])).toEqual(expected);
    });
  });
}

it("reads the whole table", () => {
  const rows = text
    .split("\n## ")
    .slice(1)
    .flatMap((section) => rowsOf(section.split("\n")));
  expect(rows.length).toBeGreaterThanOrEqual(82);
  expect(new Set(rows.map((row) => row.it)).size).toBe(rows.length);
  expect(rows.every((row) => /^(dev|staging|prod)([ /][a-z-]+)*: ./.test(row.plan))).toBe(true);
});

/** What some gates never are: not listed where nothing is asked of them, and not failed where only a person is missing. */
const never: Readonly<Record<string, readonly string[]>> = {
  order: ["skipped"],
  image: ["pending", "skipped"],
  soak: ["failed"],
  checks: ["skipped"],
  "error-budget": ["skipped"],
  approvals: ["failed", "skipped"],
  manual: ["failed", "skipped"],
  window: ["skipped"],
  freeze: ["failed", "skipped"],
  deployer: ["pending", "skipped"],
};

it("decides about every gate in every state", () => {
  const missing = gates.flatMap(({ name }) =>
    ["passed", "pending", "failed", "skipped"].flatMap((status) => {
      const said = new RegExp(`(dev|staging|prod) ${name}: ${status}`).test(text);
      const impossible = never[name]?.includes(status) ?? false;
      return said === impossible ? [`${name} ${status}`] : [];
    }),
  );
  expect(missing).toEqual([]);
});

function rowsOf(lines: readonly string[]): Row[] {
  const table = lines.filter((line) => line.startsWith("|")).slice(2);
  return table.map((line) => {
    const cells = line.split("|").slice(1, -1);
    const [it, published, dev, staging, prod, besides, plan] = cells.map((cell) => cell.trim());
    if (plan === undefined || cells.length !== 7) throw new Error(`not seven cells: ${line}`);
    return { it, published, dev, staging, prod, besides, plan } as Row;
  });
}

function parseWorld(row: Row): { input: PlanInput; oracle: Oracle } {
  const streams = (["dev", "staging", "prod"] as const).flatMap((environment) =>
    parseRings(environment, row[environment]),
  );
  const published = row.published.split(" ").filter((tag) => tag !== "");
  const all = row.besides.split("; ").filter((fact) => fact !== "");
  const facts = all.filter((fact) => !isGateFact(fact) && !isRingFact(fact));
  const written = readGateFacts(all.filter(isGateFact));
  const policy = aPolicy();
  const withChecks = { gates: [{ kind: "checks", names: ["test"] }] } as const;
  const input = aPlanInput(streams, {
    candidates: new Map([["demo-api", published.map((tag) => anArtifact(tag))]]),
    deployers: facts.includes("no Argo CD") ? [] : ["default"],
    freezes: written.freezes,
    policy: {
      ...policy,
      services: [
        aService({
          ...(facts.includes("digests pinned") ? pinned : {}),
          ...(facts.includes("any tag") ? { match: /^.+$/ } : {}),
        }),
      ],
      environments: policy.environments.map((environment) => ({
        ...environment,
        ...(environment.name === "dev" && row.besides.includes("check ") ? withChecks : {}),
        ...withGates(environment, written.gates.get(environment.name)),
        ...readRings(row[environment.name as "prod"], all.filter(isRingFact)),
        rollout: facts.includes("rolls back") ? rollsBack : environment.rollout,
        argocd: facts.includes(`no Argo CD for ${environment.name}`) ? "other" : "default",
      })),
    },
  });
  const oracles = facts.map((fact) => oracleOf(fact, facts));
  return { input, oracle: Object.assign({}, written.oracle, ...oracles) };
}

function withGates(
  { gates: before }: EnvironmentPolicy,
  more: readonly GatePolicy[] | undefined,
): Partial<EnvironmentPolicy> {
  return more === undefined ? {} : { gates: [...before, ...more] };
}

const rollsBack = { timeoutMs: 900_000, onFailure: "rollback" } as const;

const pinned = {
  values: { file: "tenants/{tenant}/{environment}.yaml", tag: "image.tag", digest: "image.digest" },
};

function oracleOf(fact: string, facts: readonly string[]): Oracle {
  const [, verb, tag] = /^(refused|unhealthy|check|health|eligibility) (\w+)/.exec(fact) ?? [];
  switch (verb ?? "") {
    case "refused":
      return {
        eligible: ({ tag: other }) =>
          other === tag
            ? { kind: "refused", reason: "not-on-branch", sentence: "Not on main." }
            : { kind: "eligible" },
      };
    case "unhealthy":
      return {
        health: (_, artifact) =>
          artifact.tag === tag
            ? { kind: "unhealthy", tenants: ["a"], sentence: "a is Degraded." }
            : { kind: "healthy" },
      };
    case "health":
      return { health: () => ({ kind: "unknown", sentence: "Argo CD is silent." }) };
    case "eligibility":
      return {
        eligible: () => ({ kind: "unknown", reason: "source-unreachable", sentence: "Later." }),
      };
    case "check":
      return {
        checks: (artifact) =>
          (facts.find((other) => other.startsWith(`check ${artifact.tag} `))?.split(" ")[2] ??
            "success") as CheckState["state"],
      };
    default:
      return orderOracle(fact);
  }
}

function orderOracle(fact: string): Oracle {
  const [, one, sign, other] = /^(v\d+)([~#])(v\d+)$/.exec(fact) ?? [];
  if (sign === undefined) {
    if (fact.startsWith("no Argo CD") || ["digests pinned", "any tag", "rolls back"].includes(fact))
      return {};
    throw new Error(`not understood: ${fact}`);
  }
  const special: Order =
    sign === "~"
      ? { relation: "values-only" }
      : { relation: "unordered", reason: "diverged", sentence: "Their histories diverged." };
  return {
    order: (from: Artifact, to: Artifact) =>
      from.tag === one && to.tag === other ? special : byNumber(from, to),
  };
}
