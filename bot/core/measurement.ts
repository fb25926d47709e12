/** What a question to Prometheus came to. Only `value` is a number that may be compared. */
export type Measurement =
  | { readonly kind: "value"; readonly value: number }
  /** No data, no number, several, or no answer: never a success. */
  | {
      readonly kind: "nothing";
      /** Stable code, kebab-case: `no-data`. */
      readonly reason: string;
      readonly sentence: string;
      readonly remedy: string;
    };

/** What a gate `metric` may write for what it measures; `$tenants` is for `=~`. */
export const metricPlaceholders = ["environment", "service", "tenants"] as const;
/** What an error budget may write; `$window` as in `[30d]`. */
export const budgetPlaceholders = ["environment", "window"] as const;

/**
 * Puts values for placeholders into a query. Names are RFC 1123 labels and cannot break out of a label matcher; `$$` is
 * one dollar sign, and what is no placeholder is left as it is.
 */
export function fillQuery(query: string, values: Readonly<Record<string, string>>): string {
  return query.replaceAll(placeholder, (whole, name: string) => {
    if (name === "$") return "$";
    return Object.hasOwn(values, name) ? (values[name] ?? whole) : whole;
  });
}

/** `$name`, or `$$`. */
export const placeholder = /\$(\$|[a-z]+)/g;

/** A number as people read it: three significant digits, so that noise does not change a sentence. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Rounded only where the bound stays on the same side of it. */
function beside(value: number, bound: number): string {
  const text = formatNumber(value);
  return Number(text) > bound === value > bound && Number(text) !== bound ? text : String(value);
}

/** Why a number is out of bounds; null where it is within. Bounds are part of what is allowed. */
export function judgeBounds(
  { max, min }: { readonly max: number | null; readonly min: number | null },
  value: number,
): { readonly reason: "above-maximum" | "below-minimum"; readonly sentence: string } | null {
  if (max !== null && value > max) {
    return { reason: "above-maximum", sentence: `${beside(value, max)}, above ${max}` };
  }
  if (min !== null && value < min) {
    return { reason: "below-minimum", sentence: `${beside(value, min)}, below ${min}` };
  }
  return null;
}
