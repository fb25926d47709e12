import * as z from "zod";

import type { SourceReport } from "./check-run-source.ts";
import { byteLength } from "./inert.ts";
import { parseMachineBlock, renderMachineBlock } from "./machine-block.ts";

const kind = "source";
/** The text of a check run holds 65,535 bytes, and people read it too. */
const mostBytes = 40_000;

const count = z.int().min(0);
const reportSchema = z.object({
  place: z.string().min(1),
  assignment: z.object({
    stream: z.object({ environment: z.string(), service: z.string(), ring: z.string() }),
    artifact: z.object({
      repository: z.string(),
      tag: z.string(),
      digest: z.string().nullable(),
      revision: z.string().nullable(),
    }),
    commit: z.string(),
    rings: z.array(z.string()).optional(),
  }),
  result: z.enum(["verified", "failed", "timed-out", "superseded"]).nullable(),
  counts: z.object({
    total: count,
    healthy: count,
    failed: count,
    blocked: count,
    underWay: count,
  }),
});
const recordSchema = z.object({ reports: z.array(reportSchema) });

/** Reports by their place: the GitOps repository and the stream, `acme/platform/prod/demo-api/all`. */
export type SourceReports = ReadonlyMap<string, SourceReport>;

/**
 * What the run on a source commit is computed from, so that it can be computed again after everything else was
 * forgotten; not when a verdict was reached, since one that is reached again must not look like another. Where not all
 * fits, what is well is left out first: the worst must not get lost.
 */
export function renderSourceRecord(reports: SourceReports): string {
  const entries = [...reports]
    .map(([place, { assignment, verdict, counts }]) => ({
      place,
      assignment,
      result: verdict?.result ?? null,
      counts,
    }))
    .toSorted(
      (one, other) => Number(one.result === "verified") - Number(other.result === "verified"),
    );
  while (entries.length > 0) {
    const block = renderMachineBlock(kind, { reports: entries });
    if (byteLength(block) <= mostBytes) return block;
    entries.splice(Math.floor(entries.length * 0.9));
  }
  return renderMachineBlock(kind, { reports: [] });
}

/** Reads the record back from the text of a run of our own; empty when there is none that can be read. */
export function parseSourceRecord(text: string): SourceReports {
  const parsed = recordSchema.safeParse(parseMachineBlock(kind, text));
  if (!parsed.success) return new Map();
  return new Map(
    parsed.data.reports.map(({ place, assignment, result, counts }) => {
      const verdict =
        result === null
          ? null
          : {
              artifact: assignment.artifact,
              commit: assignment.commit,
              result,
              at: "",
              tenants: [],
              sentence: "",
            };
      return [place, { assignment, verdict, counts }];
    }),
  );
}
