import { isRevision, type Artifact } from "./artifact.ts";
import type { GateResult } from "./gate.ts";
import { codeSpan, cutChars, prose } from "./inert.ts";
import { parseMachineBlock, renderMachineBlock } from "./machine-block.ts";
import type { PromotionDescription } from "./promotion-description.ts";
import { revisionInTag } from "./tag-revision.ts";
import { count } from "./words.ts";

/** Ours; GitHub's limit is 65,536 characters. */
const mostBody = 60_000;
/** Characters that the folded list of tenants may take. */
const mostTenants = 30_000;
/** Tenants that are left out and named in the body. */
const mostUntouched = 20;

/** The body of a promotion's pull request: a rendering, edited in place, and never read back as a fact. */
export function renderBody(promotion: PromotionDescription): string {
  const parts = [
    renderChange(promotion),
    renderNext(promotion),
    renderGates(promotion.gates),
    renderHolds(promotion),
    renderUntouched(promotion),
    renderTenants(promotion.tenants),
    renderHelp(promotion),
  ];
  const block = renderBlock(promotion);
  const text = parts.filter((part) => part !== "").join("\n\n");
  return `${cutChars(text, mostBody - block.length - 3)}\n\n${block}`;
}

function renderChange(promotion: PromotionDescription): string {
  const { stream, artifact, from, source, web, side } = promotion;
  const service = codeSpan(stream.service);
  const verb = side === "rollback" ? "Takes" : "Moves";
  const back = side === "rollback" ? "back " : "";
  const change =
    from === null
      ? `Brings ${codeSpan(artifact.tag)} of ${service} into ${codeSpan(stream.environment)}.`
      : `${verb} ${service} in ${codeSpan(stream.environment)} ${back}from ${codeSpan(from.tag)} to ${codeSpan(artifact.tag)}.`;
  const link = compareLink(source, from, artifact, web ?? "https://github.com");
  const rows = [
    ["Image", codeSpan(artifact.repository)],
    ["Tag", codeSpan(artifact.tag)],
    ["Digest", artifact.digest === null ? "not known" : codeSpan(artifact.digest)],
    ...(artifact.revision === null ? [] : [["Revision", codeSpan(artifact.revision)]]),
    ...(link === null ? [] : [["Changes", link]]),
  ];
  const table = rows.map(([name, value]) => `| ${name} | ${value} |`);
  return [change + renderReason(promotion), "", "| | |", "|---|---|", ...table].join("\n");
}

/** Why it is there beside the stream's own promotion. */
function renderReason({ side, requestedBy }: PromotionDescription): string {
  const who = requestedBy === null ? null : codeSpan(requestedBy, 60);
  switch (side) {
    case null:
      return "";
    case "rollback":
      return who === null
        ? " The rollout of what stands there failed, and the policy says `onFailure: rollback`."
        : ` ${who} asked for it.`;
    case "catch-up":
      return " The rest of the ring holds it and was verified on it; these tenants were behind.";
    case "subset":
      return who === null ? "" : ` ${who} asked for it.`;
  }
}

/** Only where both revisions are known, or named by their tags; both are hexadecimal, so nothing can be smuggled in. */
function compareLink(
  source: string | null,
  from: Artifact | null,
  to: Artifact,
  web: string,
): string | null {
  const [base, head] = [from === null ? null : revisionOf(from), revisionOf(to)];
  if (source === null || base === null || head === null) return null;
  if (!/^[A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+$/.test(source)) return null;
  const range = `${base.slice(0, 12)}...${head.slice(0, 12)}`;
  return `[${range}](${web}/${source}/compare/${base}...${head})`;
}

function revisionOf({ revision, tag }: Artifact): string | null {
  return revision !== null && isRevision(revision) ? revision : revisionInTag(tag);
}

function renderNext({ merge, stream, side }: PromotionDescription): string {
  const ring = stream.ring === "all" ? "" : ` (ring ${codeSpan(stream.ring)})`;
  if (side === "rollback")
    return `**Next:** Sluice merges this at once: a rollback waits for no gate, only for a strict freeze or for what GitHub demands. Afterwards nothing is promoted into ${codeSpan(stream.environment)} by itself until somebody writes \`/resume\`.`;
  const done = merge === "queue" ? "puts this into GitHub's merge queue" : "merges this";
  return merge !== "manual"
    ? `**Next:** Sluice ${done} once every gate has passed; Argo CD then deploys it to ${codeSpan(stream.environment)}${ring}, and Sluice reports how that ended.`
    : `**Next:** once every gate has passed, merge this, or write \`/promote\` and Sluice does. Argo CD then deploys it to ${codeSpan(stream.environment)}${ring}, and Sluice reports how that ended.`;
}

function renderGates(gates: readonly GateResult[]): string {
  if (gates.length === 0) return "";
  return ["### Gates", "", ...gates.map(renderGate)].join("\n");
}

/** `- [x] **soak**: Verified upstream for 1 hour or longer.` */
function renderGate({ gate, status, sentence, remedy }: GateResult): string {
  const box = status === "passed" || status === "skipped" ? "x" : " ";
  const state = status === "passed" ? "" : ` (${status})`;
  const advice = remedy === undefined ? "" : ` ${prose(remedy, 500)}`;
  return `- [${box}] **${prose(gate, 50)}**${state}: ${prose(sentence, 500)}${advice}`;
}

function renderHolds({ holds }: PromotionDescription): string {
  if (holds.length === 0) return "";
  const lines = holds.map((hold) => `- ${prose(hold.sentence, 500)}`);
  return ["### On hold", "", ...lines, "", "Write `/resume` here when it may go on."].join("\n");
}

function renderUntouched({ untouched = [] }: PromotionDescription): string {
  if (untouched.length === 0) return "";
  const shown = untouched.slice(0, mostUntouched);
  const lines = shown.map(
    ({ tenant, sentence }) => `- ${codeSpan(tenant, 63)}: ${prose(sentence, 400)}`,
  );
  const more = untouched.length - shown.length;
  if (more > 0) lines.push(`- and ${more} more: \`sluice/gates\` names them`);
  return [`### ${count(untouched.length, "tenant")} left out`, "", ...lines].join("\n");
}

function renderTenants(tenants: readonly string[]): string {
  const lines: string[] = [];
  let used = 0;
  for (const tenant of tenants) {
    const line = `- ${codeSpan(tenant, 63)}`;
    used += line.length + 1;
    if (used > mostTenants) {
      lines.push(
        `- and ${tenants.length - lines.length} more: the list of changed files has them all`,
      );
      break;
    }
    lines.push(line);
  }
  const summary = `<summary>${count(tenants.length, "tenant")}</summary>`;
  return ["<details>", summary, "", ...lines, "", "</details>"].join("\n");
}

function renderHelp({ stream, side }: PromotionDescription): string {
  const lasts = side === null || side === "catch-up";
  return [
    "<details>",
    "<summary>How to stop it, or to take it back</summary>",
    "",
    lasts
      ? `- **To keep it out:** close this pull request without merging it. What it brings, and whatever is not newer, then stays out of ${codeSpan(stream.environment)} until somebody writes \`/resume\` here.`
      : "- **To keep it out:** close this pull request without merging it.",
    "- **To take it back after the merge:** write `/rollback` here, or revert the merge commit with GitHub's own button. What ran before runs again, and Sluice promotes nothing here until somebody writes `/resume`.",
    "- **To change it:** push to this branch. Sluice then leaves it to you: it neither pushes to it again nor merges it.",
    "- `/help` lists what Sluice understands.",
    "",
    "</details>",
  ].join("\n");
}

function renderBlock({ id, stream, artifact }: PromotionDescription): string {
  return renderMachineBlock("promotion", { id, ...stream, artifact });
}

/** What the block of a body claims: a hint, which anybody who may edit the body can change. */
export function parseBody(body: string): { readonly id: string } | null {
  const block = parseMachineBlock("promotion", body);
  if (typeof block !== "object" || block === null || !("id" in block)) return null;
  return typeof block.id === "string" ? { id: block.id } : null;
}
