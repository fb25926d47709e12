import type { FileDiff } from "../git/diff.ts";
import { escapeHtml } from "./html.ts";

const mostShown = 50;

/** What changed, file by file. */
export function diffList(files: readonly FileDiff[]): string {
  const shown = files.slice(0, mostShown).map((file) => {
    const lines = (file.patch ?? "").split("\n").map((line) => {
      const kind = line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : "";
      return `<span class="${kind}">${escapeHtml(line)}</span>`;
    });
    return `<h2>${escapeHtml(file.path)} <span class="muted">+${file.additions} −${file.deletions}</span></h2><pre>${lines.join("\n")}</pre>`;
  });
  const more = files.length - shown.length;
  return shown.join("") + (more > 0 ? `<p class="muted">and ${more} more files</p>` : "");
}
