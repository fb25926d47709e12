import * as z from "zod";

import type { Artifact } from "./artifact.ts";
import { checkActions } from "./check-action.ts";
import { fitSummary, fitText, renderTable, type CheckText } from "./check-run.ts";
import { codeSpan, prose, titleLine } from "./inert.ts";
import { parseMachineBlock, renderMachineBlock } from "./machine-block.ts";
import {
  halted,
  outcomes,
  ringColumns,
  ringRow,
  rolloutOutcome,
  type RolloutOutcome,
} from "./rollout-outcome.ts";
import { describeState, renderUnfinished, type RolloutReport } from "./rollout-report.ts";
import type { Stream } from "./target.ts";
import { isOpen, type Verdict } from "./verdict.ts";
import { formatMoment } from "./words.ts";

/** `sluice/<environment>` on the commit that brought the artifact: one stream's rollout. */
export function renderEnvironmentCheck(report: RolloutReport): CheckText {
  const { assignment, progress, verdict } = report;
  const { stream, artifact } = assignment;
  const outcome = rolloutOutcome(verdict?.result ?? null, progress.counts);
  return {
    ...outcomes[outcome],
    title: titleLine(
      `${stream.service} ${artifact.tag}${inRing(stream)}: ${describeState(outcome, progress.counts)}`,
    ),
    summary: fitSummary([
      verdict === null ? "" : prose(verdict.sentence),
      progress.trouble === null ? "" : `**Not up to date:** ${prose(progress.trouble)}`,
      waitingFor(progress),
      renderTable(ringColumns, [ringRow(stream, artifact, progress.counts)]),
      assignment.onFailure === "rollback" && isFinalFailure(verdict)
        ? goesBack
        : nextStep(outcome, progress.deadline, ringAfter(stream, assignment.rings)),
    ]),
    text: fitText([renderUnfinished(progress.targets)], verdictBlock(stream, verdict)),
    actions: buttons[outcome],
  };
}

function waitingFor({ waiting }: RolloutReport["progress"]): string {
  return waiting === undefined || waiting === null
    ? ""
    : `**Healthy, and being measured:** ${prose(waiting)}`;
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
  failure: z.literal("sync").optional(),
  failures: z.string().optional(),
});

/** Reads the verdict back from the text of a run of our own; null when it holds none. */
export function parseVerdictRecord(
  text: string,
): { readonly stream: Stream; readonly verdict: Verdict } | null {
  const parsed = verdictSchema.safeParse(parseMachineBlock("verdict", text));
  if (!parsed.success) return null;
  const { environment, service, ring, tenants, failures, ...rest } = parsed.data;
  const borne = failures === undefined ? {} : { failures: failures.split(" ") };
  return {
    stream: { environment, service, ring },
    verdict: { ...rest, tenants: tenants.split(" "), ...borne },
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
  const failures = verdict.failures?.join(" ");
  const record = { ...stream, ...verdict, sentence, tenants, failures };
  // Without its tenants a verdict says nothing: rather none, and the rollout is judged once more.
  if (tenants.length > mostTenantChars) return renderMachineBlock("rollout", stream);
  return renderMachineBlock("verdict", record);
}

/** Names are ASCII, so these are bytes as well; the rest of the text keeps some 10,000. */
const mostTenantChars = 55_000;

/** What somebody may want to do about it, below the run on the commit that brought the artifact. */
const buttons = {
  verified: checkActions("hold", "rollback"),
  failed: checkActions("retry", "hold", "rollback"),
  "timed-out": checkActions("retry", "hold", "rollback"),
  superseded: [],
  blocked: checkActions("hold"),
  "under-way": checkActions("hold"),
} as const satisfies Record<RolloutOutcome, CheckText["actions"]>;

const goesBack =
  "**Next:** the policy says `onFailure: rollback`: Sluice takes this ring back to what was verified there before, once, by a pull request of its own. Where there is nothing to go back to it halts, and says why on the promotion's pull request.";

function isFinalFailure(verdict: Verdict | null): boolean {
  if (verdict === null || isOpen(verdict)) return false;
  return verdict.result === "failed" || verdict.result === "timed-out";
}

function nextStep(outcome: RolloutOutcome, deadline: Date, after: string | null): string {
  switch (outcome) {
    case "verified":
      return `**Next:** nothing to do here; ${after === null ? "what follows in the policy" : `the ring ${codeSpan(after)}`} may have it now.`;
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

/** Nothing where the environment has no rings. */
function inRing({ ring }: Stream): string {
  return ring === "all" ? "" : ` in ring ${ring}`;
}

function ringAfter({ ring }: Stream, rings: readonly string[] = []): string | null {
  const index = rings.indexOf(ring);
  return index === -1 ? null : (rings[index + 1] ?? null);
}
