/** One measured number and what it must reach. */
export type Figure = {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** Null where nothing is asked of it: it is there to be compared. */
  readonly bound: Bound | null;
};

export type Bound = { readonly atMost: number } | { readonly atLeast: number };

/** What a part of the bench gets to work with. */
export type BenchContext = {
  /** One changing line while something takes its time. */
  readonly progress: (sentence: string) => void;
  /** Path of a `redis-server`; null where there is none. */
  readonly redis: string | null;
};

/** One part: it starts what it needs, measures, and ends what it started. */
export type Part = {
  readonly name: string;
  readonly about: string;
  readonly measure: (context: BenchContext) => Promise<readonly Figure[]>;
};

export function reaches({ value, bound }: Figure): boolean | null {
  if (bound === null) return null;
  return "atMost" in bound ? value <= bound.atMost : value >= bound.atLeast;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error("no median of nothing");
  return (low + high) / 2;
}
