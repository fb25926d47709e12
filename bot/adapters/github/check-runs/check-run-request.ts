import { createHash } from "node:crypto";

import type { CheckAnnotation, CheckReport } from "#ports/code-host.ts";
import type { CheckRun } from "#ports/github-things.ts";

import { cutBytes } from "./cut-bytes.ts";

/** GitHub's limits: bytes of summary and text, annotations of one request. */
const limits = { output: 65_535, annotations: 50 };

/** A report in GitHub's bounds: what is sent, and what is compared with a run that is there. */
export function bounded(report: CheckReport): CheckReport {
  return {
    ...report,
    title: report.title.slice(0, 255),
    summary: cutBytes(report.summary, limits.output),
    text: cutBytes(report.text, limits.output),
  };
}

/** Says the same: a run that does not differ is not written. */
export function sameAs(report: CheckReport, run: CheckRun): boolean {
  return (
    run.status === report.status &&
    run.conclusion === report.conclusion &&
    run.title === report.title &&
    run.summary === report.summary &&
    run.text === report.text
  );
}

/** Stands for all that a report says, in the facts. */
export function fingerprint(report: CheckReport): string {
  const { status, conclusion, title, summary, text, annotations, actions } = report;
  const all = JSON.stringify([
    [status, conclusion, title, summary, text, annotations ?? []],
    actions ?? [],
  ]);
  return createHash("sha256").update(all).digest("base64url");
}

/** The body of a create or update request, with the annotations from `skip` on that fit into one. */
export function bodyOf(report: CheckReport, skip: number) {
  const annotations = (report.annotations ?? [])
    .slice(skip, skip + limits.annotations)
    .map(annotationOf);
  const output = {
    title: report.title,
    summary: report.summary,
    ...(report.text === "" ? {} : { text: report.text }),
    ...(annotations.length === 0 ? {} : { annotations }),
  };
  const actions = (report.actions ?? []).map((action) => ({ ...action }));
  return {
    external_id: report.externalId,
    output,
    ...stateOf(report),
    ...(actions.length === 0 ? {} : { actions }),
  };
}

export function annotationsOfOneRequest(): number {
  return limits.annotations;
}

function stateOf(report: CheckReport) {
  if (report.status !== "completed") return { status: report.status };
  if (report.conclusion === null) throw new TypeError("a completed check run needs a conclusion");
  // Octokit's types leave out `stale`, which only GitHub itself may set.
  type Settable = Exclude<typeof report.conclusion, "stale">;
  return { status: report.status, conclusion: report.conclusion as Settable };
}

function annotationOf(annotation: CheckAnnotation) {
  return {
    path: annotation.path,
    start_line: annotation.line,
    end_line: annotation.line,
    annotation_level: annotation.level,
    message: annotation.message,
  };
}
