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
    return `- ${place}: ${codeSpan(listNames(tenants), 200)} ${back}to ${showArtifact(artifact)}`;
  });
  const next =
    command === "rollback"
      ? "Without `--dry-run` Sluice opens these pull requests and merges them at once."
      : "Without `--dry-run` Sluice opens these pull requests, and merges each once every gate has passed.";
  const paragraphs = ["Nothing was done. This would move:", lines.join("\n"), next];
  return cutChars([marker, ...paragraphs].join("\n\n"), mostComment);
}

/** A promotion's pull request as it stands. */
export type ShownPull = {
  /** `owner/name` */
  readonly repository: string;
  readonly number: number;
  readonly url: string;
  readonly head: string;
  /** Null: nothing says what it brings. */
  readonly artifact: Artifact | null;
};

/** What `/promote --dry-run` on an open promotion would agree to. */
export function renderConsentDryRun({
  marker,
  ...pull
}: ShownPull & { readonly marker: string }): string {
  return `${marker}\n\nNothing was done. This would agree to merge ${showPull(pull)} once every gate has passed; \`sluice/gates\` says which are open.`;
}

/** `/promote` agreed to another pull request than the one that it was written on. */
export function renderAgreed({
  by,
  marker,
  ...pull
}: ShownPull & { readonly by: string; readonly marker: string }): string {
  return `${marker}\n\n${codeSpan(by, 60)} agreed to merge ${showPull(pull)} once every gate has passed; \`sluice/gates\` there says which are open.`;
}

/** What `/promote` or `/rollback` has opened: one line for each pull request. */
export function renderOpened({
  by,
  moves,
  marker,
}: {
  readonly by: string;
  readonly moves: readonly (Omit<ShownPull, "artifact"> & Move & { readonly back: boolean })[];
  readonly marker: string;
}): string {
  const lines = moves.map((move) => {
    const { stream, tenants, artifact, back, repository, number, url, head } = move;
    const whom = `${codeSpan(placeName(stream), 140)}: ${codeSpan(listNames(tenants), 200)}`;
    const where = `[${repository}#${number}](${url}) at ${codeSpan(head.slice(0, 7))}`;
    return `- ${whom} ${back ? "back " : ""}to ${showArtifact(artifact)} by ${where}`;
  });
  const next = moves.every(({ back }) => back)
    ? "Sluice merges it at once; nothing but a strict freeze holds it."
    : "Sluice merges it once every gate has passed; `sluice/gates` there says which are open.";
  const paragraphs = [`${codeSpan(by, 60)} moves:`, lines.join("\n"), next];
  return cutChars([marker, ...paragraphs].join("\n\n"), mostComment);
}

function showPull({ repository, number, url, head, artifact }: ShownPull): string {
  const link = `[${repository}#${number}](${url})`;
  const brings = artifact === null ? "" : `, which brings ${showArtifact(artifact)},`;
  return `${link} at ${codeSpan(head.slice(0, 7))}${brings}`;
}

function showArtifact({ tag, digest }: Artifact): string {
  return `${codeSpan(tag)}${digest === null ? "" : ` (${codeSpan(digest)})`}`;
}
