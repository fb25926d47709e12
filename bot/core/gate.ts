import type { LoadRecord } from "./load.ts";

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
  /** When it will pass by itself, or, once passed, no longer be so; where that is known, to the second. */
  readonly until?: Date;
  /** When to look again at what the world says. Not a promise, and so never shown. */
  readonly again?: Date;
  readonly decision?: boolean;
  /** What a load test came to: shown as a table, and found again there. */
  readonly load?: LoadRecord;
  /** It rests on what people said of this head, and falls when another takes its place. */
  readonly head?: string;
};

/** Every full minute: what has to be looked at again is looked at then, however many ask, and never more often. */
export function nextLook(now: Date): Date {
  return new Date((Math.floor(now.getTime() / 60_000) + 1) * 60_000);
}

/** What gates say of another head than the one that was judged: what people said of that one counts no more. */
export function gatesOnHead(gates: readonly GateResult[], head: string): readonly GateResult[] {
  return gates.map((gate) =>
    gate.head === undefined || gate.head === head
      ? gate
      : {
          gate: gate.gate,
          status: "pending",
          reason: "head-moved",
          sentence: "What was said of the commit before this one counts no more.",
          remedy: "Say it again here.",
          decision: true,
        },
  );
}
