import type { RetryStrategy } from "./application.ts";

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A Go duration such as `1m30s`; a bare number is seconds, as Argo CD reads it. */
function parseDuration(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * UNITS[unit!]!;
  }
  return total;
}

/** Milliseconds before the next attempt: 5 s, doubled each time, at most 3 min (application_defaults.go:6-8). */
export function nextRetry(retry: RetryStrategy, retries: number, base: number): number {
  const { duration, factor = 2, maxDuration } = retry.backoff ?? {};
  const first = duration === undefined ? base : parseDuration(duration);
  const longest = maxDuration === undefined ? 180_000 : parseDuration(maxDuration);
  return Math.min(first * factor ** retries, longest);
}
