import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  parseGatesRecord,
  renderGatesCheck,
  renderNotAPromotionCheck,
  type GatesReport,
} from "#core/check-run-gates.ts";

import { aStream, aTarget, anArtifact, noon } from "../builders.ts";
import { loadFigures } from "./load-figures.ts";

function aReport(change: Partial<GatesReport> = {}): GatesReport {
  return {
    id: "abcdefghijklmnop",
    stream: aStream({ environment: "prod" }),
    side: null,
    artifact: anArtifact("sha-1a2b3c4"),
    from: anArtifact("sha-0d4c1ff"),
    tenants: ["a"],
    gates: [
      {
        gate: "health",
        status: "passed",
        reason: "healthy",
        sentence: "Verified and healthy in dev.",
      },
      {
        gate: "soak",
        status: "pending",
        reason: "soak-not-over",
        sentence: "Soaks for 1 hour, until 2026-03-02 12:40 UTC.",
        until: new Date("2026-03-02T12:40:00Z"),
      },
    ],
    holds: [],
    source: null,
    merge: "manual",
    requestedBy: null,
    state: "waiting",
    sentence: "Waits until 2026-03-02 12:40 UTC.",
    targets: [
      { target: aTarget("a"), outcome: "move", sentence: null },
      { target: aTarget("b"), outcome: "kept", sentence: "Holds v9, which is newer." },
      {
        target: aTarget("c"),
        outcome: "refused",
        sentence: "c.yaml is not valid YAML; mend the file.",
      },
      { target: aTarget("d"), outcome: "already", sentence: null },
    ],
    consents: [],
    approvals: [],
    mergeBlocked: null,
    ...change,
  };
}

const consent = { by: "dana", at: noon, head: "a".repeat(40) };

it.for([
  ["waiting", "in_progress", null],
  ["decision", "completed", "action_required"],
  ["failed", "completed", "failure"],
  ["ready", "completed", "success"],
] as const)("%s is %s with %s", ([state, status, conclusion]) => {
  const { status: is, conclusion: as, title } = renderGatesCheck(aReport({ state }));
  expect([is, as]).toEqual([status, conclusion]);
  expect(title).toMatch(/^[^\n]{1,140}$/);
});

it("says what is so, what comes next, and who is left out", () => {
  const { title, summary, text } = renderGatesCheck(aReport({ consents: [consent] }));
  expect([title, summary, text].join("\n=====\n")).toMatchInlineSnapshot(`
    "Waits until 2026-03-02 12:40 UTC.
    =====
    Waits until 2026-03-02 12:40 UTC.

    | Gate | State | Why | Until |
    | --- | --- | --- | --- |
    | health | passed | Verified and healthy in dev. |  |
    | soak | pending | Soaks for 1 hour, until 2026-03-02 12:40 UTC. | 2026-03-02 12:40 UTC |

    **Next:** nothing to do; Sluice merges it as soon as every gate has passed.
    =====
    ### Consents to this head

    - \`dana\` wrote \`/promote\` at 2026-03-02 12:00 UTC

    ### 2 tenants that this does not move

    - \`b\`: Holds v9, which is newer.
    - \`c\`: c.yaml is not valid YAML; mend the file.

    <!-- sluice:v1 {"kind":"gates","id":"abcdefghijklmnop","gates":[{"gate":"health","status":"passed","reason":"healthy","sentence":"Verified and healthy in dev."},{"gate":"soak","status":"pending","reason":"soak-not-over","sentence":"Soaks for 1 hour, until 2026-03-02 12:40 UTC."}],"consents":[{"by":"dana","at":"2026-03-02T12:00:00.000Z","head":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}],"approvals":[]} -->"
  `);
});

it.for([
  ["manual", [], "**Next:** merge it, or write `/promote`."],
  ["manual", [consent], "**Next:** Sluice merges it."],
  ["auto", [], "**Next:** Sluice merges it."],
] as const)("ready with merge %s names the next step", ([merge, consents, next]) => {
  expect(renderGatesCheck(aReport({ state: "ready", merge, consents })).summary).toContain(next);
});

it("stays a success when GitHub itself does not merge: a required check must not block itself", () => {
  const report = aReport({ state: "ready", mergeBlocked: "1 approving review is required." });
  const { conclusion, title, summary } = renderGatesCheck(report);
  expect(conclusion).toBe("success");
  expect(title).toBe("Ready to merge, but GitHub does not merge it");
  expect(summary).toContain("1 approving review is required.");
});

describe("the record", () => {
  it("reads back gates, consents and approvals", () => {
    const approvals = [{ ...consent, gate: "qa" }];
    const { text } = renderGatesCheck(aReport({ consents: [consent], approvals }));
    expect(text).toContain("- `dana` wrote `/approve qa` at 2026-03-02 12:00 UTC");
    const record = parseGatesRecord(text);
    expect(record).toEqual({
      id: "abcdefghijklmnop",
      gates: aReport().gates.map(({ gate, status, reason, sentence }) => ({
        gate,
        status,
        reason,
        sentence,
      })),
      consents: [consent],
      approvals,
      loads: [],
    });
  });

  it("shows what a load test came to, and reads it back", () => {
    const load = {
      key: "[1]",
      environment: "dev",
      tenant: "a",
      attempt: 1,
      at: "2026-03-02T11:00:00.000Z",
      figures: loadFigures,
    };
    const gate = { gate: "load", status: "passed", reason: "r", sentence: "s", load } as const;
    const { text } = renderGatesCheck(aReport({ gates: [gate] }));
    expect(text).toContain("### Load on `a` in `dev`");
    expect(text).toContain("| p95 | 0.02 s |");
    expect(text).toContain("| network failures | 2 |");
    expect(parseGatesRecord(text)?.loads).toEqual([load]);
  });

  it("of an earlier version has no approvals", () => {
    const { text } = renderGatesCheck(aReport());
    expect(parseGatesRecord(text.replace(/,"approvals":\[\]/, ""))?.approvals).toEqual([]);
  });

  it("survives whatever stands in the sentences, and however many tenants stay", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.constant("-->\n<!-- sluice:v1 {} -->"));
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 2000 }), (sentence, by, many) => {
        const targets = Array.from({ length: many }, (_, index) => ({
          target: aTarget(`t${index}`),
          outcome: "refused" as const,
          sentence,
        }));
        const consents = [{ ...consent, by }];
        const gates = [{ gate: "soak", status: "failed", reason: "r", sentence }] as const;
        const rendered = renderGatesCheck(aReport({ sentence, gates, targets, consents }));
        expect(parseGatesRecord(rendered.text)?.consents).toEqual(
          JSON.parse(JSON.stringify(consents), revive),
        );
        for (const part of [rendered.summary, rendered.text])
          expect(Buffer.byteLength(part)).toBeLessThanOrEqual(65_535);
      }),
      { numRuns: 60 },
    );
  });

  it.for([
    "",
    "text",
    '<!-- sluice:v1 {"kind":"gates"} -->',
    '<!-- sluice:v1 {"kind":"other"} -->',
  ])("is not found in %j", (text) => {
    expect(parseGatesRecord(text)).toBeNull();
  });
});

it("has nothing to say of other pull requests, and does not block them", () => {
  expect(renderNotAPromotionCheck()).toMatchObject({
    status: "completed",
    conclusion: "neutral",
    title: "Not a promotion",
  });
});

function revive(key: string, value: unknown): unknown {
  return key === "at" ? new Date(String(value)) : value;
}
