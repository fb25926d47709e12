import type { Artifact } from "./artifact.ts";
import { codeSpan, cutChars, prose } from "./inert.ts";

/** Marks what became of a promotion whose rollout failed where the policy says `onFailure: rollback`. */
export const rollbackMarker = "<!-- sluice:rollback -->";

/** Ours; GitHub's limit is 65,536 characters. */
const mostComment = 60_000;

/** The policy takes back what failed. */
export function renderRolledBack({
  failed,
  artifact,
  environment,
  number,
  marker,
}: {
  readonly failed: Artifact;
  readonly artifact: Artifact;
  readonly environment: string;
  readonly number: number;
  readonly marker: string;
}): string {
  const place = codeSpan(environment);
  return comment(marker, [
    `The rollout of ${codeSpan(failed.tag)} failed, and the policy says \`onFailure: rollback\`: #${number} takes ${place} back to ${codeSpan(artifact.tag)}.`,
    `That happens once. Nothing is promoted into ${place} by itself after it, until somebody writes \`/resume\` on one of its pull requests.`,
  ]);
}

/** The policy would take back what failed, and there is nothing to go back to. */
export function renderNoWayBack({
  failed,
  sentence,
  marker,
}: {
  readonly failed: Artifact;
  readonly sentence: string;
  readonly marker: string;
}): string {
  return comment(marker, [
    `The rollout of ${codeSpan(failed.tag)} failed, and it is not rolled back: ${prose(sentence)}`,
    "So the line halts: nothing else gets this artifact. Publish a newer one; or remove the cause and write `/retry` here.",
  ]);
}

function comment(marker: string, paragraphs: readonly string[]): string {
  return cutChars([marker, ...paragraphs].join("\n\n"), mostComment);
}
