import { expect, it } from "vitest";

import type { SourceReport } from "#core/check-run-source.ts";
import { parseSourceRecord, renderSourceRecord } from "#core/source-record.ts";

import { aStream, anArtifact } from "../builders.ts";

function aReport(service: string, result: "verified" | "failed" | null): SourceReport {
  const at = { stream: aStream({ service }), artifact: anArtifact("sha-1a2b3c4"), commit: "c1" };
  const { artifact, commit } = at;
  const verdict = { artifact, commit, at: "", tenants: [], sentence: "" };
  return {
    assignment: at,
    verdict: result === null ? null : { ...verdict, result },
    counts: { total: 3, healthy: 1, failed: 1, blocked: 0, underWay: 1 },
  };
}

it("is read back as it was written", () => {
  const reports = new Map([
    ["acme/platform/dev/api/all", aReport("api", "failed")],
    ["acme/platform/dev/web/all", aReport("web", null)],
    ["acme/platform/dev/job/all", aReport("job", "verified")],
  ]);
  const read = parseSourceRecord(`Some words.\n\n${renderSourceRecord(reports)}`);
  expect(Object.fromEntries(read)).toEqual(Object.fromEntries(reports));
});

it("keeps what is not well where not all fits", () => {
  const many = Array.from({ length: 2_000 }, (_, index) => `acme/platform/dev/s${index}/all`);
  const reports = new Map(
    many.map((place, index) => [place, aReport(place, index === 1_500 ? "failed" : "verified")]),
  );
  const text = renderSourceRecord(reports);
  expect(text.length).toBeLessThan(50_000);
  const read = parseSourceRecord(text);
  expect(read.size).toBeGreaterThan(20);
  expect(read.get("acme/platform/dev/s1500/all")?.verdict?.result).toBe("failed");
});

it.for(["", "words", '<!-- sluice:v1 {"kind":"source","reports":[{}]} -->'])(
  "says nothing where nothing can be read: %s",
  (text) => {
    expect(parseSourceRecord(text).size).toBe(0);
  },
);
