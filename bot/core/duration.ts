const units = [
  { letter: "d", word: "day", ms: 86_400_000 },
  { letter: "h", word: "hour", ms: 3_600_000 },
  { letter: "m", word: "minute", ms: 60_000 },
  { letter: "s", word: "second", ms: 1000 },
] as const;

/** `10m`, `1h30m`, `90s`, `2d`: whole numbers with a unit, larger units first, each unit once. */
export const durationPattern =
  /^(?=\d)(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?$/;

/** Milliseconds of a written duration; null when it is not one. */
export function parseDuration(text: string): number | null {
  const match = durationPattern.exec(text);
  if (match === null) return null;
  return units.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit.ms, 0);
}

/** Milliseconds of a duration that the schema has let through. */
export function durationOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new Error("the schema let a duration through that is none");
  return ms;
}

/** Milliseconds as it is written in a policy: `1h30m`. Parts of a second count as a whole one. */
export function formatDuration(ms: number): string {
  const parts = partsOf(ms).map(({ unit, count }) => `${count}${unit.letter}`);
  return parts.length === 0 ? "0s" : parts.join("");
}

/**
 * Milliseconds as a person says it: `1 hour 30 minutes`. Only the two largest units are named, the second one rounded
 * up, so that what is announced is never too early.
 */
export function describeDuration(ms: number): string {
  const [first] = partsOf(ms);
  if (first === undefined) return "0 seconds";
  const finest = units[units.indexOf(first.unit) + 1] ?? first.unit;
  const parts = partsOf(Math.ceil(ms / finest.ms) * finest.ms);
  return parts.map(({ unit, count }) => `${count} ${unit.word}${count === 1 ? "" : "s"}`).join(" ");
}

function partsOf(ms: number): { unit: (typeof units)[number]; count: number }[] {
  let rest = Math.ceil(Math.max(0, ms) / 1000) * 1000;
  const parts = [];
  for (const unit of units) {
    const count = Math.floor(rest / unit.ms);
    rest -= count * unit.ms;
    if (count > 0) parts.push({ unit, count });
  }
  return parts;
}
