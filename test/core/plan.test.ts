import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { Artifact } from "#core/artifact.ts";
import type { CheckState, Order, PlanInput } from "#core/plan-types.ts";

import { aPlanInput, aPolicy, aService, anArtifact } from "../builders.ts";
import { byNumber, solve, type Oracle } from "../oracle.ts";
import { parseStream, showPlan } from "./plan-situation.ts";

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
      const expected = row.plan.split("<br>").map((line) => /^(\w+): (.*)$/.exec(line)?.slice(1));
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
  expect(rows.every((row) => /^(dev|staging|prod): ./.test(row.plan))).toBe(true);
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
    row[environment] === "" ? [] : [parseStream(environment, row[environment])],
  );
  const published = row.published.split(" ").filter((tag) => tag !== "");
  const facts = row.besides.split("; ").filter((fact) => fact !== "");
  const policy = aPolicy();
  const withChecks = { gates: [{ kind: "checks", names: ["test"] }] } as const;
  const input = aPlanInput(streams, {
    candidates: new Map([["demo-api", published.map((tag) => anArtifact(tag))]]),
    deployers: facts.includes("no Argo CD") ? [] : ["default"],
    policy: {
      ...policy,
      services: [aService(facts.includes("digests pinned") ? pinned : {})],
      environments: policy.environments.map((environment) => ({
        ...environment,
        ...(environment.name === "dev" && row.besides.includes("check ") ? withChecks : {}),
        argocd: facts.includes(`no Argo CD for ${environment.name}`) ? "other" : "default",
      })),
    },
  });
  return { input, oracle: Object.assign({}, ...facts.map((fact) => oracleOf(fact, facts))) };
}

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
    if (fact.startsWith("no Argo CD") || fact === "digests pinned") return {};
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
