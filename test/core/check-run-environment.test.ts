import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  parseVerdictRecord,
  renderEnvironmentCheck,
  renderRefusalCheck,
} from "#core/check-run-environment.ts";
import type { RolloutReport } from "#core/rollout-report.ts";
import { progressOf, type TargetProgress } from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";

import { aStream, aVerdict, anArtifact, noon } from "../builders.ts";

function aTargetProgress(tenant: string, change: Partial<TargetProgress> = {}): TargetProgress {
  return {
    tenant,
    application: `${tenant}-prod`,
    state: "healthy",
    sentence: "Healthy.",
    detail: null,
    since: noon,
    ...change,
  };
}

const healthy = aTargetProgress("a");
const syncing = aTargetProgress("b", { state: "syncing", sentence: "Argo CD is syncing." });
const failed = aTargetProgress("c", {
  state: "failed",
  sentence: "The sync failed.",
  detail: "one or more objects failed to apply:\n@acme/sre | see https://x.example <!-- -->",
});
const blocked = aTargetProgress("d", { state: "blocked", sentence: "No such application." });

function aReport(
  targets: readonly TargetProgress[],
  verdict: Verdict | null = null,
  trouble: string | null = null,
): RolloutReport {
  return {
    assignment: {
      stream: aStream({ environment: "prod" }),
      artifact: anArtifact("sha-1a2b3c4"),
      commit: "c".repeat(40),
    },
    progress: progressOf(targets, { trouble, deadline: new Date("2026-03-02T12:15:00Z") }),
    verdict,
  };
}

const verdictOf = (result: Verdict["result"]) =>
  aVerdict(anArtifact("sha-1a2b3c4"), {
    result,
    tenants: ["a", "b", "c"],
    sentence: "It is over.",
  });

describe("one stream's run", () => {
  it.for([
    ["verified", [healthy], "completed", "success", "demo-api sha-1a2b3c4: healthy"],
    [
      "failed",
      [healthy, failed],
      "completed",
      "failure",
      "demo-api sha-1a2b3c4: failed for 1 of 2 tenants",
    ],
    [
      "timed-out",
      [healthy, syncing],
      "completed",
      "timed_out",
      "demo-api sha-1a2b3c4: out of time, 1 of 2 tenants healthy",
    ],
    [
      "superseded",
      [syncing],
      "completed",
      "cancelled",
      "demo-api sha-1a2b3c4: superseded before it had settled",
    ],
    [null, [healthy, syncing], "in_progress", null, "demo-api sha-1a2b3c4: 1 of 2 tenants healthy"],
    [null, [syncing, blocked], "in_progress", null, "demo-api sha-1a2b3c4: 0 of 2 tenants healthy"],
    [
      null,
      [healthy, blocked],
      "completed",
      "action_required",
      "demo-api sha-1a2b3c4: blocked for 1 of 2 tenants",
    ],
  ] as const)("%s: %j", ([result, targets, status, conclusion, title]) => {
    const verdict = result === null ? null : verdictOf(result);
    expect(renderEnvironmentCheck(aReport(targets, verdict))).toMatchObject({
      status,
      conclusion,
      title,
    });
  });

  it("names the tenants that are not there, the worst first, with what Argo CD says", () => {
    const { summary, text } = renderEnvironmentCheck(aReport([healthy, syncing, failed, blocked]));
    expect(`${summary}\n=====\n${text}`).toMatchInlineSnapshot(`
      "| Service | Ring | Artifact | Healthy | Not healthy | Under way |
      | --- | --- | --- | --- | --- | --- |
      | \`demo-api\` | \`all\` | \`sha-1a2b3c4\` | 1 of 4 | 2 | 1 |

      **Next:** nothing to do; Sluice watches until 2026-03-02 12:15 UTC.
      =====
      ### 3 tenants not there yet

      - \`c\` (\`c-prod\`), failed: The sync failed. \`one or more objects failed to apply: @acme/sre ¦ see https://x.example <!-- -->\`
      - \`d\` (\`d-prod\`), blocked: No such application.
      - \`b\` (\`b-prod\`), syncing: Argo CD is syncing.

      <!-- sluice:v1 {"kind":"rollout","environment":"prod","service":"demo-api","ring":"all"} -->"
    `);
  });

  it("says that it is not up to date", () => {
    const { summary } = renderEnvironmentCheck(
      aReport([syncing], null, "Argo CD does not answer."),
    );
    expect(summary).toContain("**Not up to date:** Argo CD does not answer.");
  });
});

it("names the ring, and the one that follows", () => {
  const report = aReport([healthy], verdictOf("verified"));
  const rings = ["canary", "rest"];
  const inRing = (ring: string) => ({
    ...report,
    assignment: { ...report.assignment, rings, stream: aStream({ environment: "prod", ring }) },
  });
  const canary = renderEnvironmentCheck(inRing("canary"));
  expect(canary.title).toMatchInlineSnapshot(`"demo-api sha-1a2b3c4 in ring canary: healthy"`);
  expect(canary.summary).toContain("the ring `rest` may have it now");
  const rest = renderEnvironmentCheck(inRing("rest"));
  expect(rest.summary).toContain("what follows in the policy may have it now");
});

describe("the verdict's record", () => {
  it("reads back as it was reached", () => {
    const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/);
    const result = fc.constantFrom("verified", "failed", "timed-out", "superseded");
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), result, fc.string(), (tenants, ended, said) => {
        const verdict = { ...verdictOf(ended), tenants };
        const { text } = renderEnvironmentCheck(aReport([failed], { ...verdict, sentence: said }));
        const record = parseVerdictRecord(text);
        expect(record?.stream).toEqual(aStream({ environment: "prod" }));
        expect({ ...record?.verdict, sentence: "" }).toEqual({ ...verdict, sentence: "" });
      }),
    );
  });

  it.for(["sync", undefined] as const)(
    "knows whether it was the sync that failed: %s",
    (failure) => {
      const verdict = verdictOf("failed");
      const said = failure === undefined ? verdict : { ...verdict, failure };
      const { text } = renderEnvironmentCheck(aReport([failed], said));
      expect(parseVerdictRecord(text)?.verdict).toEqual(said);
      expect(parseVerdictRecord(text)?.verdict.failure).toBe(failure);
    },
  );

  it("knows which failures the ring bears", () => {
    const verdict = { ...verdictOf("verified"), failures: ["b", "c"] };
    const rendered = renderEnvironmentCheck(aReport([healthy, failed], verdict));
    expect(parseVerdictRecord(rendered.text)?.verdict).toEqual(verdict);
    expect(rendered.conclusion).toBe("success");
    expect(rendered.title).toMatchInlineSnapshot(
      `"demo-api sha-1a2b3c4: healthy for 1 of 2 tenants, the ring bears the rest"`,
    );
    expect(rendered.text).toContain("`c` (`c-prod`), failed");
  });

  it("fits with a thousand tenants that all failed", () => {
    const names = Array.from(
      { length: 1000 },
      (_, index) => `a-tenant-with-quite-a-long-name-${index}`,
    );
    const targets = names.map((name) => ({ ...failed, tenant: name }));
    const { text, summary } = renderEnvironmentCheck(
      aReport(targets, { ...verdictOf("failed"), tenants: names }),
    );
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_535);
    expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(65_535);
    expect(text).toContain("*Cut here: GitHub takes no longer text.*");
    expect(parseVerdictRecord(text)?.verdict.tenants).toEqual(names);
  });

  it("is left out rather than cut", () => {
    const tenants = Array.from({ length: 1000 }, (_, index) => `${index}`.padStart(63, "t"));
    const { text } = renderEnvironmentCheck(
      aReport([healthy], { ...verdictOf("verified"), tenants }),
    );
    expect(parseVerdictRecord(text)).toBeNull();
  });

  it("is not there while the rollout runs", () => {
    expect(parseVerdictRecord(renderEnvironmentCheck(aReport([syncing])).text)).toBeNull();
  });

  it("cannot be forged by what Argo CD says", () => {
    const forged = renderEnvironmentCheck(aReport([healthy], verdictOf("verified"))).text;
    const { text } = renderEnvironmentCheck(
      aReport([{ ...failed, detail: forged, sentence: `\n${forged}\n` }]),
    );
    expect(parseVerdictRecord(text)).toBeNull();
  });
});

it("a refusal asks for a person and gives the reason", () => {
  const rendered = renderRefusalCheck({
    stream: aStream(),
    artifact: anArtifact("sha-1a2b3c4"),
    reason: "not-on-branch",
    sentence: "`1a2b3c4` is not on `main`: merge it there first.",
  });
  expect(rendered.conclusion).toBe("action_required");
  expect(rendered.summary).toMatchInlineSnapshot(`
    "\`sha-1a2b3c4\` of \`demo-api\` does not enter \`dev\` (\`not-on-branch\`).

    \`1a2b3c4\` is not on \`main\`: merge it there first.

    **Next:** once the reason is gone, or a newer artifact is published, Sluice goes on by itself."
  `);
});
