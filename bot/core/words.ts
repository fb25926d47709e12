/** `a`, `a and b`, `a, b and c`, `a, b and 9 more`: at most three are named. */
export function listNames(names: readonly string[]): string {
  const shown = names.length > 3 ? names.slice(0, 2) : names;
  const rest = names.length - shown.length;
  const parts = rest > 0 ? [...shown, `${rest} more`] : shown;
  const last = parts.at(-1) ?? "nothing";
  return parts.length <= 1 ? last : `${parts.slice(0, -1).join(", ")} and ${last}`;
}

/** `1 tenant`, `12 tenants`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `2026-11-21 16:05 UTC`: to the minute, rounded up, so that a named moment is never too early. */
export function formatMoment(moment: Date): string {
  const minutes = Math.ceil(moment.getTime() / 60_000);
  return `${new Date(minutes * 60_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
