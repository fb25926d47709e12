import type { Consent, OpenPromotion } from "./plan-types.ts";

/** Who agreed to this head first; null: nobody has. */
export function firstConsent(consents: readonly Consent[], head: string): Consent | null {
  const given = consents.filter((consent) => consent.head === head);
  return given.toSorted((one, other) => one.at.getTime() - other.at.getTime())[0] ?? null;
}

/**
 * Who asked for a promotion: whose command opened it, else who agreed first to its head. The merge names the same login
 * (`Sluice-Requested-By`). Null: nobody has, it is Sluice's own.
 */
export function requesterOf({ requestedBy, consents, head }: OpenPromotion): string | null {
  return requestedBy ?? firstConsent(consents, head)?.by ?? null;
}
