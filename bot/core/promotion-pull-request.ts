import { formatArtifact, isRevision, parseArtifact, type Artifact } from "./artifact.ts";
import { cutChars } from "./inert.ts";
import { renderBody } from "./promotion-body.ts";
import type { PromotionDescription } from "./promotion-description.ts";
import { isPromotionId } from "./promotion-id.ts";
import { placeName, type Stream } from "./target.ts";
import { count } from "./words.ts";

/** What the trailers of a promotion's commit say. */
export type PromotionTrailers = {
  readonly promotionId: string;
  readonly stream: Stream;
  readonly artifact: Artifact;
  readonly requestedBy: string | null;
};

/** GitHub's limit for titles, in characters. */
const mostTitle = 256;
/** GitHub's limit for the names of labels, in characters. */
const mostLabel = 50;
/** Nobody's login: brackets stand in the names of Apps only. */
const nobody = "sluice[bot]";

export function renderPullRequest(promotion: PromotionDescription): {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
} {
  const labels = ["sluice", cutChars(`env: ${promotion.stream.environment}`, mostLabel)];
  return { title: renderTitle(promotion), body: renderBody(promotion), labels };
}

/** The message of the one commit: the title, and trailers. */
export function renderCommitMessage(promotion: PromotionDescription): string {
  return `${renderTitle(promotion)}\n\n${renderTrailers(promotion)}\n`;
}

/** The same for the merge, which GitHub takes in two parts. */
export function renderMergeMessage(promotion: PromotionDescription): {
  readonly title: string;
  readonly message: string;
} {
  return { title: renderTitle(promotion), message: renderTrailers(promotion) };
}

/**
 * `promote(prod/canary): demo-api sha-0d4c1ff → sha-1a2b3c4 (12 tenants)`, `rollback(prod): …`, `catch-up(prod): …`;
 * long tags are cut, so that all fits.
 */
export function renderTitle(promotion: PromotionDescription): string {
  const { stream, artifact, from, tenants, side } = promotion;
  const verb = side === null || side === "subset" ? "promote" : side;
  const head = `${verb}(${placeName(stream)}): ${stream.service} `;
  const tail = ` (${count(tenants.length, "tenant")})`;
  const room = mostTitle - head.length - tail.length;
  if (from === null || room < 30) return head + cutChars(artifact.tag, Math.max(room, 8)) + tail;
  const each = Math.floor((room - 3) / 2);
  const left = cutChars(from.tag, Math.max(each, room - 3 - artifact.tag.length));
  const right = cutChars(artifact.tag, room - 3 - left.length);
  return `${head}${left} → ${right}${tail}`;
}

function renderTrailers({ id, stream, artifact, requestedBy }: PromotionDescription): string {
  const lines = [
    `Sluice-Promotion: ${id}`,
    `Sluice-Service: ${stream.service}`,
    `Sluice-Artifact: ${formatArtifact(artifact)}`,
    `Sluice-Environment: ${stream.environment}`,
    `Sluice-Ring: ${stream.ring}`,
    ...(artifact.revision === null ? [] : [`Sluice-Revision: ${artifact.revision}`]),
    `Sluice-Requested-By: ${requestedBy ?? nobody}`,
  ];
  return lines.join("\n");
}

/** Reads back what a commit message says of a promotion; null when it says nothing, or nothing that makes sense. */
export function parseTrailers(message: string): PromotionTrailers | null {
  const trailers = new Map<string, string>();
  for (const line of message.split(/\r?\n/)) {
    const [, name, value] = /^(Sluice-[A-Za-z-]+): (\S+)\s*$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) trailers.set(name, value);
  }
  const id = trailers.get("Sluice-Promotion");
  const service = trailers.get("Sluice-Service");
  const environment = trailers.get("Sluice-Environment");
  const ring = trailers.get("Sluice-Ring");
  const artifact = parseArtifact(trailers.get("Sluice-Artifact") ?? "");
  const revision = trailers.get("Sluice-Revision") ?? null;
  const by = trailers.get("Sluice-Requested-By") ?? nobody;
  if (!id || !service || !environment || !ring || artifact === null) return null;
  if (!isPromotionId(id) || (revision !== null && !isRevision(revision))) return null;
  return {
    promotionId: id,
    stream: { environment, service, ring },
    artifact: { ...artifact, revision },
    requestedBy: by === nobody ? null : by,
  };
}
