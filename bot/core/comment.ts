import * as z from "zod";

import type { Artifact } from "./artifact.ts";
import { commands } from "./command-table.ts";
import type { GateResult } from "./gate.ts";
import { codeSpan, cutChars, prose, titleLine } from "./inert.ts";
import { parseMachineBlock, renderMachineBlock } from "./machine-block.ts";

/** Marks the one sticky comment; it counts only together with our own authorship. */
export const stickyMarker = "<!-- sluice:sticky -->";

/** Marks the answer to one comment. */
export function replyMarker(commentId: number): string {
  return `<!-- sluice:reply ${commentId} -->`;
}

/** Marks the answer to boxes that one person ticked at one time. */
export function tickReplyMarker(at: string, login: string): string {
  return `<!-- sluice:tick-reply ${at.replaceAll(/[^0-9TZ:.-]/g, "")} ${login.replaceAll(/[^A-Za-z0-9-]/g, "")} -->`;
}

/** Marks the answer to a button. */
export function pressReplyMarker(delivery: string): string {
  return `<!-- sluice:press-reply ${delivery.replaceAll(/[^A-Za-z0-9-]/g, "")} -->`;
}

/** Ours; GitHub's limit is 65,536 characters. */
const mostComment = 60_000;

/** Sluice closed its own promotion. */
export function renderClosedComment({
  sentence,
  branchKept,
  marker,
}: {
  readonly sentence: string;
  /** Its branch holds what Sluice did not make. */
  readonly branchKept: boolean;
  readonly marker: string;
}): string {
  return comment(marker, [
    `Sluice closed this promotion: ${prose(sentence)}`,
    branchKept
      ? "Its branch stays, because it holds commits that Sluice did not make. Delete it when nobody needs them: until then nothing new can come on it."
      : "Nothing needs to be done. It is not a veto: what is newer comes by itself.",
  ]);
}

/** A person merged while gates were open: an override, which is named. */
export function renderOverrideComment({
  gates,
  marker,
}: {
  readonly gates: readonly Pick<GateResult, "gate" | "status" | "sentence">[];
  readonly marker: string;
}): string {
  const lines = gates.map(
    ({ gate, status, sentence }) => `- **${prose(gate, 50)}** (${status}): ${prose(sentence, 500)}`,
  );
  return comment(marker, [
    "Merged by hand while these gates were open:",
    lines.join("\n"),
    "The rollout runs all the same, and what comes after still follows in order. To take it back, revert the merge commit.",
  ]);
}

/** Marks what was found about one merge. */
export const mergeMarker = "<!-- sluice:merge -->";

/** The merge brought something else than Sluice had computed. */
export function renderMergedDifferently({
  sentence,
  marker,
}: {
  readonly sentence: string;
  readonly marker: string;
}): string {
  return comment(marker, [prose(sentence), "Until then nothing is promoted here."]);
}

/** Why an artifact is not promoted, in one line of plain text. */
export function renderRefusal({
  artifact,
  sentence,
}: {
  readonly artifact: Artifact;
  readonly sentence: string;
}): string {
  return titleLine(`${artifact.tag} is not promoted: ${sentence}`, 500);
}

/** A command that Sluice could not read. */
export function renderNotUnderstood({
  sentence,
  nearest,
  marker,
}: {
  readonly sentence: string;
  readonly nearest: string | null;
  readonly marker: string;
}): string {
  const meant = nearest === null ? "" : ` Did you mean ${codeSpan(nearest, 80)}?`;
  return comment(marker, [
    `${prose(sentence)}${meant} Write it again in a new comment: edits are not read. \`/help\` lists all commands.`,
  ]);
}

/** A command that was understood and is not carried out: one line, with what would help. */
export function renderDenied({
  sentence,
  marker,
}: {
  readonly sentence: string;
  readonly marker: string;
}): string {
  return comment(marker, [prose(sentence)]);
}

/** A command on a pull request of a source that feeds several GitOps repositories, and nobody knows which is meant. */
export function renderWhichRepository({
  repositories,
  marker,
}: {
  /** Those that whoever asked may see. */
  readonly repositories: readonly string[];
  readonly marker: string;
}): string {
  const named = repositories.map((one) => codeSpan(one, 140)).join(", ");
  return comment(marker, [
    `Nothing was done: several GitOps repositories are fed from here, and the command may be meant for more than one of them${named === "" ? "" : ` (${named})`}. Write it there, on the promotion's pull request or on the dashboard issue, or name what only one of them has: an environment, \`--service\` or \`--tenants\`.`,
  ]);
}

/** `/help` */
export function renderHelp({ marker }: { readonly marker: string }): string {
  const lines = commands.map(({ usage, does }) => `- \`${usage}\` ${does}`);
  return comment(marker, [
    "Sluice reads the first line of a new comment:",
    lines.join("\n"),
    "👀 accepted, 🚀 done, 😕 not understood, 👎 refused. The check run `sluice/gates` says what a promotion waits for.",
  ]);
}

/** `/resume` took effect. Holds from before this moment count no more: the time is read back from here. */
export function renderResumed({
  by,
  at,
  environment,
  service,
  marker,
}: {
  readonly by: string;
  readonly at: Date;
  readonly environment: string;
  readonly service: string;
  readonly marker: string;
}): string {
  const text = `${codeSpan(by, 60)} resumed ${codeSpan(service)} in ${codeSpan(environment)}: what held it back until now counts no more, and closed promotions may come again. Sluice plans anew at once.`;
  return comment(marker, [text, renderMachineBlock("resume", { environment, service, at })]);
}

/** Where and when `/resume` took effect, as a comment of our own says; null when it says nothing of that. */
export function parseResumeMarker(
  body: string,
): { readonly environment: string; readonly service: string; readonly at: Date } | null {
  const parsed = resumeSchema.safeParse(parseMachineBlock("resume", body));
  return parsed.success ? parsed.data : null;
}

const resumeSchema = z.object({
  environment: z.string().min(1),
  service: z.string().min(1),
  at: z.iso.datetime().transform((at) => new Date(at)),
});

/** `/retry` took effect. */
export function renderRetried({
  by,
  artifact,
  environment,
  marker,
}: {
  readonly by: string;
  readonly artifact: Artifact;
  readonly environment: string;
  readonly marker: string;
}): string {
  return comment(marker, [
    `${codeSpan(by, 60)} asked to judge ${codeSpan(artifact.tag)} in ${codeSpan(environment)} once more. The check run ${codeSpan(`sluice/${environment}`)} on the commit that brought it tells how it goes.`,
  ]);
}

/** `/retry` took effect on a load test. */
export function renderLoadRetried({
  by,
  service,
  marker,
}: {
  readonly by: string;
  readonly service: string;
  readonly marker: string;
}): string {
  return comment(marker, [
    `${codeSpan(by, 60)} asked to drive ${codeSpan(service)} once more. The check run ${codeSpan("sluice/gates")} of this pull request tells how it goes.`,
  ]);
}

/** The marker first, so that it is never cut. */
function comment(marker: string, paragraphs: readonly string[]): string {
  return cutChars([marker, ...paragraphs].join("\n\n"), mostComment);
}
