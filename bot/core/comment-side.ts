import type { Artifact } from "./artifact.ts";
import { codeSpan, cutChars } from "./inert.ts";
import { placeName, type Stream } from "./target.ts";
import { listNames } from "./words.ts";

/** Ours; GitHub's limit is 65,536 characters. */
const mostComment = 60_000;

type Move = {
  readonly stream: Stream;
  readonly artifact: Artifact;
  readonly tenants: readonly string[];
};

/** What a command with `--dry-run` would do: one line for each pull request. */
export function renderDryRun({
  command,
  moves,
  marker,
}: {
  readonly command: "promote" | "rollback";
  readonly moves: readonly Move[];
  readonly marker: string;
}): string {
  const back = command === "rollback" ? "back " : "";
  const lines = moves.map(({ stream, artifact, tenants }) => {
    const place = codeSpan(placeName(stream), 140);
    const digest = artifact.digest === null ? "" : ` (${codeSpan(artifact.digest)})`;
    return `- ${place}: ${codeSpan(listNames(tenants), 200)} ${back}to ${codeSpan(artifact.tag)}${digest}`;
  });
  const next =
    command === "rollback"
      ? "Without `--dry-run` Sluice opens these pull requests and merges them at once."
      : "Without `--dry-run` Sluice opens these pull requests, and merges each once every gate has passed.";
  const paragraphs = ["Nothing was done. This would move:", lines.join("\n"), next];
  return cutChars([marker, ...paragraphs].join("\n\n"), mostComment);
}

/** What `/promote --dry-run` on an open promotion would agree to. */
export function renderConsentDryRun({
  number,
  head,
  marker,
}: {
  readonly number: number;
  readonly head: string;
  readonly marker: string;
}): string {
  return `${marker}\n\nNothing was done. This would agree to merge #${number} at ${codeSpan(head.slice(0, 7))} once every gate has passed; \`sluice/gates\` says which are open.`;
}
