import * as z from "zod";

import type { Approval } from "./approval.ts";
import { checkActions } from "./check-action.ts";
import { loadRecordSchema, loadRecords, loadsOf } from "./check-run-load.ts";
import { fitSummary, fitText, renderTable, type CheckText } from "./check-run.ts";
import type { GateResult } from "./gate.ts";
import { codeSpan, prose, titleLine } from "./inert.ts";
import type { LoadRecord } from "./load.ts";
import { parseMachineBlock, renderMachineBlock } from "./machine-block.ts";
import type { Consent, PlannedPromotion, PlannedTarget } from "./plan-types.ts";
import type { PromotionDescription } from "./promotion-description.ts";
import { count, formatMoment } from "./words.ts";

type State = Extract<PlannedPromotion, { kind: "promote" }>["state"];

/** What `sluice/gates` says on one head of a promotion. */
export type GatesReport = PromotionDescription & {
  readonly state: State;
  /** Why it is in this state. */
  readonly sentence: string;
  readonly targets: readonly PlannedTarget[];
  /** Given for this very head. */
  readonly consents: readonly Consent[];
  /** Said by `/approve` of this very head. */
  readonly approvals: readonly Approval[];
  /** Why GitHub does not merge it although every gate has passed. */
  readonly mergeBlocked: string | null;
  /** That GitHub's merge queue has it; absent or null: it has not. */
  readonly queued?: string | null;
};

/** What is read back from the text of a run: what people said is kept nowhere else, and open gates are named after a merge. */
export type GatesRecord = {
  readonly id: string;
  readonly gates: readonly Pick<GateResult, "gate" | "status" | "reason" | "sentence">[];
  readonly consents: readonly Consent[];
  readonly approvals: readonly Approval[];
  /** Load tests that are over. */
  readonly loads: readonly LoadRecord[];
};

export function renderGatesCheck(report: GatesReport): CheckText {
  const loads = loadRecords(report.gates);
  return {
    ...outcomes[report.state],
    title: titleOf(report),
    summary: fitSummary([
      prose(report.sentence),
      blockedBy(report),
      tableOf(report),
      nextStep(report),
    ]),
    text: fitText(
      [loadsOf(report), consentsOf(report), approvalsOf(report), stayingOf(report)],
      renderMachineBlock("gates", {
        id: report.id,
        gates: report.gates.map(({ gate, status, reason, sentence }) => ({
          gate,
          status,
          reason,
          sentence: titleLine(sentence, 500),
        })),
        consents: report.consents,
        approvals: report.approvals,
        ...(loads.length === 0 ? {} : { loads }),
      }),
    ),
    actions: checkActions(
      ...(loadNotBorne(report) ? (["retry"] as const) : []),
      ...(report.holds.length === 0 ? (["hold"] as const) : []),
    ),
  };
}

function loadNotBorne({ gates }: GatesReport): boolean {
  return gates.some(({ status, load }) => status !== "passed" && load !== undefined);
}

/** On every other pull request: a required check that nobody answers would block people's own work. */
export function renderNotAPromotionCheck(): CheckText {
  return {
    status: "completed",
    conclusion: "neutral",
    title: "Not a promotion",
    summary:
      "Sluice has nothing to say about this pull request: it is not one of its promotions. Nothing needs to be done.",
    text: "",
  };
}

const recordSchema = z.object({
  id: z.string(),
  gates: z.array(
    z.object({
      gate: z.string(),
      status: z.enum(["passed", "pending", "failed", "skipped"]),
      reason: z.string(),
      sentence: z.string(),
    }),
  ),
  consents: z.array(
    z.object({
      by: z.string(),
      at: z.iso.datetime().transform((at) => new Date(at)),
      head: z.string(),
    }),
  ),
  // Runs of earlier versions have none.
  approvals: z
    .array(
      z.object({
        gate: z.string(),
        by: z.string(),
        at: z.iso.datetime().transform((at) => new Date(at)),
        head: z.string(),
      }),
    )
    .default([]),
  loads: z.array(loadRecordSchema).default([]),
});

/** Reads a run's text back; only runs of our own may be given. Null when it holds no record. */
export function parseGatesRecord(text: string): GatesRecord | null {
  const parsed = recordSchema.safeParse(parseMachineBlock("gates", text));
  return parsed.success ? parsed.data : null;
}

const outcomes = {
  waiting: { status: "in_progress", conclusion: null },
  decision: { status: "completed", conclusion: "action_required" },
  failed: { status: "completed", conclusion: "failure" },
  ready: { status: "completed", conclusion: "success" },
} as const satisfies Record<State, Pick<CheckText, "status" | "conclusion">>;

function titleOf({ state, sentence, mergeBlocked, queued }: GatesReport): string {
  switch (state) {
    case "ready":
      if (queued != null) return "Ready to merge, and in the merge queue";
      return mergeBlocked === null
        ? "Ready to merge"
        : "Ready to merge, but GitHub does not merge it";
    case "waiting":
      return titleLine(sentence);
    case "decision":
      return titleLine(`A person decides: ${sentence}`);
    case "failed":
      return titleLine(`Not now: ${sentence}`);
  }
}

function blockedBy({ mergeBlocked, queued }: GatesReport): string {
  if (queued != null) return prose(queued);
  return mergeBlocked === null ? "" : `**GitHub does not merge it:** ${prose(mergeBlocked)}`;
}

function tableOf({ gates }: GatesReport): string {
  const rows = gates.map(({ gate, status, sentence, remedy, until }) => [
    prose(gate, 50),
    status,
    prose(remedy === undefined ? sentence : `${sentence} ${remedy}`, 800),
    until === undefined ? "" : formatMoment(until),
  ]);
  return renderTable(["Gate", "State", "Why", "Until"], rows);
}

function nextStep({ state, side, merge, consents, queued }: GatesReport): string {
  switch (state) {
    case "ready":
      if (queued != null) return "**Next:** GitHub's merge queue merges it.";
      return merge !== "manual" || consents.length > 0 || side === "rollback"
        ? "**Next:** Sluice merges it."
        : "**Next:** merge it, or write `/promote`.";
    case "waiting":
      return merge !== "manual" || consents.length > 0
        ? "**Next:** nothing to do; Sluice merges it as soon as every gate has passed."
        : "**Next:** nothing is needed now. `/promote` may be written already: it takes effect once every gate has passed.";
    case "decision":
      return "**Next:** somebody who may promote here decides, as the first line says.";
    case "failed":
      return "**Next:** see to what has failed; Sluice looks again by itself. Merging by hand overrides the gates, and is named as such.";
  }
}

function consentsOf({ side, consents }: GatesReport): string {
  if (consents.length === 0) return "";
  const did = side === null ? "wrote `/promote`" : "asked for it";
  const lines = consents.map(({ by, at }) => `- ${codeSpan(by, 60)} ${did} at ${formatMoment(at)}`);
  return ["### Consents to this head", "", ...lines].join("\n");
}

function approvalsOf({ approvals }: GatesReport): string {
  if (approvals.length === 0) return "";
  const lines = approvals.map(
    ({ by, gate, at }) =>
      `- ${codeSpan(by, 60)} wrote ${codeSpan(`/approve ${gate}`, 80)} at ${formatMoment(at)}`,
  );
  return ["### Approvals of this head", "", ...lines].join("\n");
}

function stayingOf({ targets }: GatesReport): string {
  const staying = targets.filter(({ outcome }) => ["refused", "kept", "stays"].includes(outcome));
  if (staying.length === 0) return "";
  const lines = staying.map(
    ({ target, sentence }) =>
      `- ${codeSpan(target.tenant, 63)}: ${prose(sentence ?? "stays where it is.", 400)}`,
  );
  return [`### ${count(staying.length, "tenant")} that this does not move`, "", ...lines].join(
    "\n",
  );
}
