/**
 * What Sluice writes for itself into texts that people read: one line, an HTML comment with JSON in it, always the last
 * line. Only texts of our own are read. Most of it is a hint, and nothing is done because of it alone; but holds, freezes
 * and `/resume` are read back from it once everything else was forgotten: there it is all that is known of them.
 */
export function renderMachineBlock(kind: string, value: object): string {
  const json = JSON.stringify({ kind, ...value });
  // Nothing may end the comment early, nor mention anybody: these stand in strings only, where an escape is the same.
  const safe = json
    .replaceAll("<", String.raw`\u003c`)
    .replaceAll(">", String.raw`\u003e`)
    .replaceAll("&", String.raw`\u0026`)
    .replaceAll("@", String.raw`\u0040`)
    .replaceAll("#", String.raw`\u0023`)
    .replaceAll("--", String.raw`-\u002d`)
    .replaceAll("\u2028", String.raw`\u2028`)
    .replaceAll("\u2029", String.raw`\u2029`);
  return `${opening}${safe}${closing}`;
}

/** The value of the last block of this kind; null when there is none that can be read. */
export function parseMachineBlock(kind: string, text: string): unknown {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const line = lines.findLast((one) => one.startsWith(opening) && one.endsWith(closing));
  if (line === undefined) return null;
  try {
    const value: unknown = JSON.parse(line.slice(opening.length, -closing.length));
    const ours = typeof value === "object" && value !== null && "kind" in value;
    return ours && value.kind === kind ? value : null;
  } catch {
    return null;
  }
}

const opening = "<!-- sluice:v1 ";
const closing = " -->";
