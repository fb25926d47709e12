import type { LoadPolicy } from "./gate-policy.ts";
import { formatNumber } from "./measurement.ts";

/** What driving a service came to. Times in seconds; null: nothing answered, or nobody measured it. */
export type LoadFigures = {
  readonly average: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly maximum: number | null;
  /** Share of requests that were answered 2xx, between 0 and 1. */
  readonly successRate: number | null;
  /** Answers a second, of whatever status. */
  readonly requestsPerSecond: number | null;
  /** Requests answered otherwise, and such as were not answered at all, or not within ten seconds. */
  readonly httpFailures: number;
  readonly networkFailures: number;
  /** Cores. */
  readonly cpu: number | null;
  /** Bytes. */
  readonly memory: number | null;
  /** Bytes a second, in and out. */
  readonly network: number | null;
  readonly pods: number | null;
};

/** One load test that is over. */
export type LoadRecord = {
  /** What was asked for: see `loadKey`. */
  readonly key: string;
  readonly environment: string;
  /** Whose service was driven. */
  readonly tenant: string;
  /** How many there have been in a row, with this one, because a bounded figure could not be measured. */
  readonly attempt: number;
  /** When it was over, ISO 8601: as it is remembered. */
  readonly at: string;
  readonly figures: LoadFigures;
};

/** How a load test stands for one head of one promotion. */
export type LoadState =
  | { readonly kind: "done"; readonly record: LoadRecord }
  | { readonly kind: "running" }
  /** It is ordered and could not begin yet. */
  | { readonly kind: "waiting"; readonly sentence: string }
  /** There is nobody to drive. */
  | { readonly kind: "nobody" }
  /** No setting says where services are. */
  | { readonly kind: "not-configured" };

export type LoadOrder = Pick<LoadPolicy, "durationMs" | "warmUpMs" | "connections" | "paths">;

/** Tells one load test from another: bounds may change without driving again. */
export function loadKey({ durationMs, warmUpMs, connections, paths }: LoadOrder): string {
  return JSON.stringify([durationMs, warmUpMs, connections, paths]);
}

export type LoadBreach = {
  readonly reason: "above-maximum" | "below-minimum" | "not-measured" | "no-answers";
  readonly sentence: string;
};

export type LoadBounds = Pick<LoadPolicy, "max" | "min">;

/**
 * The first bound that is broken; null where all are kept. What nobody measured keeps no bound, and is named only where
 * no other is broken.
 */
export function judgeLoad({ max, min }: LoadBounds, figures: LoadFigures): LoadBreach | null {
  if (figures.successRate === null || figures.successRate === 0)
    return { reason: "no-answers", sentence: "nothing was answered well" };
  const bounds = [
    ...rows.flatMap((row) => bound(row, "above-maximum", max)),
    ...rows.flatMap((row) => bound(row, "below-minimum", min)),
  ];
  for (const { name, format, key, reason, limit } of bounds) {
    const value = figures[key];
    if (value === null) continue;
    if (reason === "above-maximum" ? value <= limit : value >= limit) continue;
    const side = reason === "above-maximum" ? "above" : "below";
    return { reason, sentence: `${name} is ${format(value)}, ${side} ${format(limit)}` };
  }
  const unmeasured = bounds.find(({ key }) => figures[key] === null);
  return unmeasured === undefined
    ? null
    : { reason: "not-measured", sentence: `nobody measured ${unmeasured.name}` };
}

/** Who measures may be away for a moment or for good, and each try is load: 5 minutes, doubled each time up to 2 hours. */
const firstPauseMs = 5 * 60_000;
const longestPauseMs = 2 * 60 * 60_000;

/**
 * From when on the service is driven again by itself, because nobody measured what a bound is about. Null: what came of
 * it stands until somebody asks for another try.
 */
export function drivenAgainAt(
  bounds: LoadBounds,
  { figures, attempt, at }: LoadRecord,
): Date | null {
  if (judgeLoad(bounds, figures)?.reason !== "not-measured") return null;
  const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
  return new Date(new Date(at).getTime() + pause);
}

/** Name and value, for a table. */
export function describeLoad(figures: LoadFigures): readonly (readonly [string, string])[] {
  const shown = rows.map(({ name, key, format }) => {
    const value = figures[key];
    return [name, value === null ? "not measured" : format(value)] as const;
  });
  return [
    ...shown,
    ["HTTP failures", String(figures.httpFailures)],
    ["network failures", String(figures.networkFailures)],
  ];
}

type Key = Exclude<keyof LoadFigures, "httpFailures" | "networkFailures">;
type Row = {
  readonly key: Key;
  readonly name: string;
  readonly format: (value: number) => string;
};

const seconds = (value: number): string => `${formatNumber(value)} s`;
const plain = (value: number): string => formatNumber(value);

const rows: readonly Row[] = [
  { key: "average", name: "average", format: seconds },
  { key: "p50", name: "p50", format: seconds },
  { key: "p90", name: "p90", format: seconds },
  { key: "p95", name: "p95", format: seconds },
  { key: "p99", name: "p99", format: seconds },
  { key: "maximum", name: "maximum", format: seconds },
  { key: "successRate", name: "success rate", format: (value) => `${percent(value)}%` },
  { key: "requestsPerSecond", name: "requests per second", format: plain },
  { key: "cpu", name: "CPU cores", format: plain },
  { key: "memory", name: "memory", format: (value) => `${plain(value / 1_048_576)} MiB` },
  { key: "network", name: "network", format: (value) => `${plain(value / 1024)} KiB/s` },
  { key: "pods", name: "running pods", format: plain },
];

function bound(
  row: Row,
  reason: "above-maximum" | "below-minimum",
  limits: Readonly<Partial<Record<string, number>>>,
) {
  const limit = limits[row.key];
  return limit === undefined ? [] : [{ ...row, reason, limit }];
}

/** Rounded down: what is not whole is never shown as whole. */
function percent(share: number): string {
  return String(Math.floor(share * 100_000) / 1000);
}
