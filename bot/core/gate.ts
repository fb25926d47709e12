/**
 * What one gate says of one promotion. The same value feeds the check run, the comment, the dry run, the metrics and
 * the tests.
 *
 * - `pending` waits for time or for the world, `failed` will not pass without somebody doing something.
 * - `decision` marks what only a person can give (an approval, the `order` gate): the check run then says
 *   `action_required` instead of `in_progress` or `failure`.
 */
export type GateResult = {
  readonly gate: string;
  readonly status: "passed" | "pending" | "failed" | "skipped";
  /** Stable code, kebab-case: `soak-not-over`. */
  readonly reason: string;
  /** One sentence for a person: what is so. */
  readonly sentence: string;
  /** What to do, where anything can be done. */
  readonly remedy?: string;
  /** When it will pass by itself, where that is known. */
  readonly until?: Date;
  readonly decision?: boolean;
};
