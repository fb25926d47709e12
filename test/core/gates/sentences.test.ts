import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { judgeAttestations } from "#core/attestation.ts";
import { byBudget, byPolicy, type Freeze } from "#core/freeze.ts";
import type { GatePolicy, LoadPolicy } from "#core/gate-policy.ts";
import type { GateResult } from "#core/gate.ts";
import { gates } from "#core/gates/all.ts";
import type { GateContext } from "#core/gates/gate-context.ts";
import type { LoadFigures } from "#core/load.ts";
import type { Verification } from "#core/verification.ts";
import { weekdays } from "#core/window.ts";
import { formatMoment } from "#core/words.ts";

import { anArtifact, anEnvironment, before, noon } from "../../builders.ts";
import type { Oracle } from "../../oracle.ts";
import { loadFigures } from "../load-figures.ts";
import { aPlaceBefore, judge } from "./judge.ts";

/** What a gate says while pending and when failed; `bot/README.md` shows it as a table, and this keeps the two equal. */
type Case = readonly [gate: string, change: Partial<GateContext>, oracle?: Oracle];

function written(gate: GatePolicy): Partial<GateContext> {
  return { environment: anEnvironment("prod", { gates: [gate] }) };
}

function upstream(verification: Verification): Partial<GateContext> {
  return { upstream: [aPlaceBefore("staging", verification)] };
}

function freeze(change: Partial<Freeze>): Partial<GateContext> {
  const whole = { environment: "prod", from: before(60), until: null, strict: false, reason: "" };
  return { freezes: [{ ...whole, by: byPolicy, ...change }] };
}

const verdict = {
  artifact: anArtifact("v2"),
  result: "failed",
  at: before(5),
  commit: "c",
  tenants: ["a"],
  sentence: "Degraded.",
} as const;
const hold = { reason: "moved-backwards", sentence: "Back.", since: noon, artifact: null } as const;
const metric = {
  kind: "metric",
  name: "error rate",
  query: "errors",
  max: 0.05,
  min: null,
  over: "upstream",
} as const;
const budget = {
  kind: "error-budget",
  target: 0.999,
  windowMs: 2_592_000_000,
  query: "bad",
} as const;
const approvals = {
  kind: "approvals",
  count: 1,
  teams: ["sre"],
  people: [],
  distinct: false,
} as const;
const checks = { kind: "checks", names: ["test"] } as const;
const image = { kind: "image", match: /^v\d+$/u, digest: true } as const;
const window = {
  effect: "allow",
  days: weekdays,
  from: "14:00",
  to: "16:00",
  timezone: "UTC",
} as const;
const review = { by: "dana", byBot: false, head: "head-7", at: before(5) } as const;
const noData = {
  kind: "nothing",
  reason: "no-data",
  sentence: "The query finds no data.",
  remedy: "Compare its names and labels with what is scraped.",
} as const;

const diverged = {
  relation: "unordered",
  reason: "diverged",
  sentence: "Their histories diverged.",
} as const;

const attested = {
  ...written({ kind: "image", match: null, digest: true, attestation: ".github/workflows/ci.yml" }),
  artifact: anArtifact("v2", { digest: "sha256:1" }),
};
const foreign = judgeAttestations(
  {
    digest: "sha256:1",
    repository: "acme/demo-api",
    branch: "main",
    workflow: ".github/workflows/ci.yml",
  },
  [
    {
      kind: "verified",
      attestation: {
        subjects: ["sha256:1"],
        predicateType: "https://slsa.dev/provenance/v1",
        signer: {
          identity: "https://github.com/acme/demo-api/.github/workflows/test.yml@refs/heads/main",
          issuer: "https://token.actions.githubusercontent.com",
          sourceRepository: "https://github.com/acme/demo-api",
          sourceRef: "refs/heads/main",
        },
      },
    },
  ],
);

const load: LoadPolicy = {
  kind: "load",
  durationMs: 30_000,
  warmUpMs: 5_000,
  connections: 10,
  paths: ["/work"],
  max: { p95: 0.5 },
  min: {},
};

const elsewhere =
  "Argo CD does not show v2, and nothing else, running for tenant-a in staging now.";

function driven(change: Partial<LoadFigures>): Oracle {
  const figures = { ...loadFigures, ...change };
  const record = {
    key: "",
    environment: "staging",
    tenant: "a",
    attempt: 1,
    at: noon.toISOString(),
    figures,
  };
  return { load: { kind: "done", record } };
}

const cases: readonly Case[] = [
  ["order", { relations: [{ from: anArtifact("v1"), order: diverged }] }],
  [
    "order",
    {
      bar: {
        status: "failed",
        reason: "vetoed",
        sentence: "dana closed pull request 5 unmerged, which keeps v2 and what is not newer out.",
        remedy: "Publish a newer artifact, or write /resume on that pull request.",
      },
    },
  ],
  ["image", { ...written(image), artifact: anArtifact("latest") }],
  ["image", { ...written(image), artifact: anArtifact("v2-rc1") }],
  ["image", written(image)],
  ["image", attested, { attested: { kind: "missing" } }],
  ["image", attested, { attested: foreign }],
  ["health", upstream({ kind: "missing", tenants: ["a"] })],
  ["health", {}, { health: () => ({ kind: "unknown", sentence: "Argo CD is silent." }) }],
  ["health", upstream({ kind: "failed", verdict })],
  ["health", upstream({ kind: "withdrawn", hold })],
  ["health", upstream({ kind: "no-targets" })],
  [
    "health",
    {},
    {
      health: () => ({ kind: "unhealthy", tenants: ["a"], sentence: "a is unhealthy in Argo CD." }),
    },
  ],
  ["soak", { ...written({ kind: "soak", forMs: 10_800_000 }) }],
  [
    "soak",
    { ...written({ kind: "soak", forMs: 1 }), ...upstream({ kind: "missing", tenants: [] }) },
  ],
  ["checks", written(checks), { checks: () => "pending" }],
  ["checks", written(checks), { checks: () => "missing" }],
  ["checks", written(checks), { checks: () => "failure" }],
  ["metric", written(metric), { measure: () => noData }],
  ["metric", written(metric), { measure: () => ({ kind: "value", value: 0.0712 }) }],
  ["load", { ...written(load), open: null }],
  ["load", { ...written(load), ...upstream({ kind: "missing", tenants: ["a"] }) }],
  ["load", written(load), { load: { kind: "waiting", sentence: elsewhere } }],
  ["load", written(load), { load: { kind: "running" } }],
  ["load", written(load), { load: { kind: "not-configured" } }],
  ["load", { ...written(load), artifact: anArtifact("v3") }, { load: { kind: "running" } }],
  ["load", written(load), driven({ p95: 0.6 })],
  ["load", written({ ...load, max: { cpu: 1 } }), driven({ cpu: null })],
  ["error-budget", written(budget), { measure: () => noData }],
  ["error-budget", written(budget), { measure: () => ({ kind: "value", value: 0.00104 }) }],
  ["approvals", written(approvals)],
  ["approvals", written(approvals), { reviews: [{ ...review, state: "changes-requested" }] }],
  [
    "approvals",
    written(approvals),
    { authors: { kind: "unknown", sentence: "GitHub knows nobody who wrote 1a2b3c4." } },
  ],
  ["manual", written({ kind: "manual", name: "qa", teams: ["qa"], people: ["dana"] })],
  ["window", written({ kind: "window", windows: [window] })],
  ["window", written({ kind: "window", windows: [{ ...window, from: "11:00", effect: "deny" }] })],
  [
    "window",
    written({
      kind: "window",
      windows: [window, { ...window, effect: "deny", from: "13:00", to: "17:00" }],
    }),
  ],
  ["freeze", freeze({ until: before(-60), reason: "end of year" })],
  ["freeze", freeze({ by: "dana", until: before(-60), reason: "a big customer's launch" })],
  ["freeze", freeze({ by: "dana" })],
  ["freeze", freeze({ by: byBudget, reason: "104% of the error budget is spent" })],
  ["deployer", { deployers: [] }],
];

const said: readonly GateResult[] = cases.flatMap(([gate, change, oracle]) =>
  judge(gate, change, oracle).filter(({ status }) => status === "pending" || status === "failed"),
);

/** Cells of the table under `## What the gates say`. */
function documented(): readonly (readonly string[])[] {
  const readme = readFileSync(new URL("../../../bot/README.md", import.meta.url), "utf8");
  const section = /^## What the gates say$([\s\S]*?)(?=^## )/m.exec(readme)?.[1] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function row({ gate, status, reason, sentence, remedy, until, decision }: GateResult): string[] {
  const state = decision === true ? `${status}: a person decides` : status;
  const when = until === undefined ? "" : formatMoment(until);
  const texts = [sentence, remedy ?? ""].map((text) => text.replaceAll("<", String.raw`\<`));
  return [`\`${gate}\``, state, `\`${reason}\``, ...texts, when];
}

describe("what the gates say", () => {
  it("stands in the documentation word for word", () => {
    const rows = said.map(row);
    expect(documented()).toEqual(rows);
  });

  it("has a sentence of every gate", () => {
    expect(said).toHaveLength(cases.length);
    expect(
      gates.map(({ name }) => name).filter((name) => !said.some(({ gate }) => gate === name)),
    ).toEqual([]);
  });

  it.for(said.map((result) => [result.gate, result.reason, result] as const))(
    "%s, %s: says what is so, and who can lift it or until when",
    ([, , { status, sentence, remedy, until, reason, again }]) => {
      expect(reason).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(sentence).toMatch(/^\S.*\.$/);
      if (remedy !== undefined) expect(remedy).toMatch(/^\S.*\.$/);
      if (status === "failed") expect(remedy).toBeDefined();
      const waitsForTheWorld = [
        "not-verified",
        "health-unknown",
        "checks-pending",
        "soak-not-begun",
        "not-begun",
      ];
      expect(
        remedy !== undefined ||
          until !== undefined ||
          again !== undefined ||
          waitsForTheWorld.includes(reason),
      ).toBe(true);
    },
  );
});
