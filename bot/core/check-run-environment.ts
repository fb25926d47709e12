import * as z from "zod";

import type { Artifact } from "./artifact.ts";
import { checkActions } from "./check-action.ts";
import { fitSummary, fitText, renderTable, type CheckText } from "./check-run.ts";
import { codeSpan, prose, titleLine } from "./inert.ts";
import { parseMachineBlock, renderMachineBlock } from "./machine-block.ts";
import {
  describeState,
  renderUnfinished,
  rolloutOutcome,
  type RolloutCounts,
  type RolloutReport,
} from "./rollout-report.ts";
import type { Stream } from "./target.ts";
import type { Verdict } from "./verdict.ts";
import { formatMoment } from "./words.ts";

/** What one stream contributes to the run on a source commit. Plain JSON, as it is remembered. */
export type SourceReport = {
  readonly assignment: {
    readonly stream: Stream;
    readonly artifact: Artifact;
    readonly commit: string;
  };
  readonly verdict: (Omit<Verdict, "at"> & { readonly at: string }) | null;
  readonly counts: RolloutCounts;
};

/** `sluice/<environment>` on the commit that brought the artifact: one stream's rollout. */
export function renderEnvironmentCheck(report: RolloutReport): CheckText {
  const { assignment, progress, verdict } = report;
  const { stream, artifact } = assignment;
  const outcome = rolloutOutcome(verdict?.result ?? null, progress.counts);
  return {
    ...outcomes[outcome],
    title: titleLine(
      `${stream.service} ${artifact.tag}: ${describeState(outcome, progress.counts)}`,
    ),
    summary: fitSummary([
      verdict === null ? "" : prose(verdict.sentence),
      progress.trouble === null ? "" : `**Not up to date:** ${prose(progress.trouble)}`,
      renderTable(
        ["Service", "Ring", "Artifact", "Healthy", "Not healthy", "Under way"],
        [ringRow(stream, artifact, progress.counts)],
      ),
      nextStep(outcome, progress.deadline),
    ]),
    text: fitText([renderUnfinished(progress.targets)], verdictBlock(stream, verdict)),
    actions: buttons[outcome],
  };
}

/**
 * `sluice/<environment>` on the source commit: one run over all services and rings that were built from it. The worst
 * wins: what failed before what ran out of time, before what is under way, before what was superseded.
 */
export function renderSourceCheck(options: {
  readonly environment: string;
  readonly reports: readonly SourceReport[];
}): CheckText {
  const { environment, reports } = options;
  const rated = reports
    .map((report) => ({
      report,
      outcome: rolloutOutcome(report.verdict?.result ?? null, report.counts),
    }))
    .toSorted((one, other) => (nameOf(one.report) < nameOf(other.report) ? -1 : 1));
  const worst =
    worstFirst.find((outcome) => rated.some((one) => one.outcome === outcome)) ?? "under-way";
  const total = reports.reduce((sum, { counts }) => add(sum, counts), none);
  return {
    ...outcomes[worst],
    title: titleLine(`${environment}: ${describeState(worst, total)}`),
    summary: fitSummary([
      renderTable(
        ["Service", "Ring", "Artifact", "Healthy", "Not healthy", "Under way", "State"],
        rated.map(({ report: { assignment, counts }, outcome }) => [
          ...ringRow(assignment.stream, assignment.artifact, counts),
          describeState(outcome, counts),
        ]),
      ),
      sourceNext[worst],
    ]),
    text: "",
  };
}

/** Where no pull request can say it: on the default branch's head, and on the source commit. */
export function renderRefusalCheck(refusal: {
  readonly stream: Stream;
  readonly artifact: Artifact;
  readonly reason: string;
  readonly sentence: string;
}): CheckText {
  const { stream, artifact, reason, sentence } = refusal;
  return {
    status: "completed",
    conclusion: "action_required",
    title: titleLine(`${stream.service} ${artifact.tag} is not promoted: ${sentence}`),
    summary: fitSummary([
      `${codeSpan(artifact.tag)} of ${codeSpan(stream.service)} does not enter ${codeSpan(stream.environment)} (${codeSpan(reason, 60)}).`,
      prose(sentence),
      "**Next:** once the reason is gone, or a newer artifact is published, Sluice goes on by itself.",
    ]),
    text: "",
  };
}

/** What was refused is not refused any more: the same run, so that nobody looks for what to do. */
export function renderRefusalOverCheck({ stream }: { readonly stream: Stream }): CheckText {
  const { service, environment } = stream;
  return {
    status: "completed",
    conclusion: "neutral",
    title: titleLine(`${service} goes on`),
    summary: `What kept ${codeSpan(service)} out of ${codeSpan(environment)} is over. Nothing needs to be done.`,
    text: "",
  };
}

const verdictSchema = z.object({
  environment: z.string().min(1),
  service: z.string().min(1),
  ring: z.string().min(1),
  artifact: z.object({
    repository: z.string(),
    tag: z.string(),
    digest: z.string().nullable(),
    revision: z.string().nullable(),
  }),
  result: z.enum(["verified", "failed", "timed-out", "superseded"]),
  at: z.iso.datetime().transform((at) => new Date(at)),
  commit: z.string().min(1),
  // One text instead of a list: a thousand names have to fit beside everything else.
  tenants: z.string().min(1),
  sentence: z.string(),
  uncertain: z.boolean().optional(),
});

/** Reads the verdict back from the text of a run of our own; null when it holds none. */
export function parseVerdictRecord(
  text: string,
): { readonly stream: Stream; readonly verdict: Verdict } | null {
  const parsed = verdictSchema.safeParse(parseMachineBlock("verdict", text));
  if (!parsed.success) return null;
  const { environment, service, ring, tenants, ...rest } = parsed.data;
  return {
    stream: { environment, service, ring },
    verdict: { ...rest, tenants: tenants.split(" ") },
  };
}

/** Which stream a run of our own is about: with a verdict or without. Null when it does not say. */
export function parseRunStream(text: string): Stream | null {
  const known = parseVerdictRecord(text)?.stream;
  if (known !== undefined) return known;
  const parsed = verdictSchema
    .pick({ environment: true, service: true, ring: true })
    .safeParse(parseMachineBlock("rollout", text));
  return parsed.success ? parsed.data : null;
}

function verdictBlock(stream: Stream, verdict: Verdict | null): string {
  if (verdict === null) return renderMachineBlock("rollout", stream);
  const sentence = titleLine(verdict.sentence, 300);
  const tenants = verdict.tenants.join(" ");
  const record = { ...stream, ...verdict, sentence, tenants };
  // Without its tenants a verdict says nothing: rather none, and the rollout is judged once more.
  if (tenants.length > mostTenantChars) return renderMachineBlock("rollout", stream);
  return renderMachineBlock("verdict", record);
}

/** Names are ASCII, so these are bytes as well; the rest of the text keeps some 10,000. */
const mostTenantChars = 55_000;

type Outcome = ReturnType<typeof rolloutOutcome>;

const outcomes = {
  verified: { status: "completed", conclusion: "success" },
  failed: { status: "completed", conclusion: "failure" },
  "timed-out": { status: "completed", conclusion: "timed_out" },
  superseded: { status: "completed", conclusion: "cancelled" },
  blocked: { status: "completed", conclusion: "action_required" },
  "under-way": { status: "in_progress", conclusion: null },
} as const satisfies Record<Outcome, Pick<CheckText, "status" | "conclusion">>;

/** What somebody may want to do about it, below the run on the commit that brought the artifact. */
const buttons = {
  verified: checkActions("hold"),
  failed: checkActions("retry", "hold"),
  "timed-out": checkActions("retry", "hold"),
  superseded: [],
  blocked: checkActions("hold"),
  "under-way": checkActions("hold"),
} as const satisfies Record<Outcome, CheckText["actions"]>;

const worstFirst = [
  "failed",
  "timed-out",
  "blocked",
  "under-way",
  "superseded",
  "verified",
] as const satisfies readonly Outcome[];

const halted =
  "**Next:** nothing else gets this artifact. Publish a newer one; or remove the cause and write `/retry` on its pull request, or run this check again.";

function nextStep(outcome: Outcome, deadline: Date): string {
  switch (outcome) {
    case "verified":
      return "**Next:** nothing to do here; what follows in the policy may have it now.";
    case "failed":
    case "timed-out":
      return halted;
    case "superseded":
      return "**Next:** nothing to do; what took its place has a run of its own.";
    case "blocked":
      return "**Next:** somebody has to remove what blocks the tenants below; Sluice looks again by itself.";
    case "under-way":
      return `**Next:** nothing to do; Sluice watches until ${formatMoment(deadline)}.`;
  }
}

const sourceNext = {
  verified: "**Next:** nothing to do; what follows in the policy may have it now.",
  failed: halted,
  "timed-out": halted,
  superseded: "**Next:** nothing to do; another revision took its place.",
  blocked:
    "**Next:** somebody has to remove what blocks it: the run on the GitOps commit says what.",
  "under-way": "**Next:** nothing to do; Sluice is watching.",
} as const satisfies Record<Outcome, string>;

function ringRow({ service, ring }: Stream, { tag }: Artifact, counts: RolloutCounts) {
  const bad = counts.failed + counts.blocked;
  return [
    codeSpan(service),
    codeSpan(ring),
    codeSpan(tag),
    `${counts.healthy} of ${counts.total}`,
    String(bad),
    String(counts.underWay),
  ];
}

function nameOf({ assignment: { stream } }: SourceReport): string {
  return `${stream.service}/${stream.ring}`;
}

const none: RolloutCounts = { total: 0, healthy: 0, failed: 0, blocked: 0, underWay: 0 };

function add(one: RolloutCounts, other: RolloutCounts): RolloutCounts {
  return {
    total: one.total + other.total,
    healthy: one.healthy + other.healthy,
    failed: one.failed + other.failed,
    blocked: one.blocked + other.blocked,
    underWay: one.underWay + other.underWay,
  };
}
