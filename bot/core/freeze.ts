import type { FreezePolicy } from "./policy.ts";
import type { Stop } from "./stop.ts";

/**
 * A stop on an environment for a period: nothing is merged into it. It comes from the policy, from a person, or from an
 * error budget that is spent.
 */
export type Freeze = {
  readonly environment: string;
  readonly from: Date;
  /** First moment at which it holds no more; null: until somebody lifts it, or the error budget recovers. */
  readonly until: Date | null;
  readonly reason: string;
  /** Who set it: a login, `the policy`, or `the error budget`. */
  readonly by: string;
  /** Holds rollbacks too. */
  readonly strict: boolean;
};

/** Who a freeze of the policy file is by. */
export const byPolicy = "the policy";
/** Who a freeze is by that ends once the error budget recovers. */
export const byBudget = "the error budget";

/** The freezes that are written in the policy, one an environment. */
export function policyFreezes(written: readonly FreezePolicy[]): readonly Freeze[] {
  return written.flatMap(({ environments, from, to, reason, strict }) =>
    environments.map((environment) => ({
      environment,
      from,
      until: to,
      reason,
      by: byPolicy,
      strict,
    })),
  );
}

/** The freezes that people set, out of all their stops. */
export function stopFreezes(stops: readonly Stop[]): readonly Freeze[] {
  return stops.flatMap((stop) =>
    stop.kind === "freeze"
      ? [
          {
            environment: stop.environment,
            from: stop.at,
            until: stop.until,
            reason: stop.reason,
            by: stop.by,
            strict: false,
          },
        ]
      : [],
  );
}

/** What freezes an environment at one moment; the one that ends last comes first. */
export function freezesInForce(
  freezes: readonly Freeze[],
  environment: string,
  now: Date,
): readonly Freeze[] {
  return freezes
    .filter((freeze) => freeze.environment === environment && holdsAt(freeze, now))
    .toSorted((one, other) => endMs(other) - endMs(one));
}

/**
 * When the environment is free again, freezes that follow without a gap included; null where nobody knows. `now` itself
 * where nothing freezes it.
 */
export function frozenUntil(
  freezes: readonly Freeze[],
  environment: string,
  now: Date,
): Date | null {
  let at = now;
  for (;;) {
    const [last] = freezesInForce(freezes, environment, at);
    if (last === undefined) return at;
    if (last.until === null) return null;
    at = last.until;
  }
}

/** The next freeze of the environment that begins after `now`; null where none is known. */
export function nextFreeze(
  freezes: readonly Freeze[],
  environment: string,
  now: Date,
): Freeze | null {
  const coming = freezes.filter(
    (freeze) => freeze.environment === environment && freeze.from > now,
  );
  return coming.toSorted((one, other) => one.from.getTime() - other.from.getTime())[0] ?? null;
}

function holdsAt({ from, until }: Freeze, now: Date): boolean {
  return from <= now && (until === null || now < until);
}

function endMs({ until }: Freeze): number {
  return until?.getTime() ?? Infinity;
}
