import type { RolloutAssignment } from "#core/stream-rollout.ts";
import type { Clock } from "#ports/clock.ts";
import type { Facts } from "#ports/facts.ts";

/** Shorter than the pause before a sync whose outcome was never seen is sent again. */
const heldForMs = 25_000;

type Claim = { readonly attempt: string; readonly at: number; readonly by: string };

/** The right to sync one application for one promotion now. */
export type SyncClaims = {
  /** False: another worker, that has taken this job for lost, is at it. */
  take(application: string): Promise<boolean>;
  release(application: string): Promise<void>;
};

/**
 * Keeps two workers from syncing the same application within the moment between looking and asking. Argo CD itself
 * refuses a second operation while one runs; this is for one that is over already.
 */
export function claimSyncs(
  deps: { readonly facts: Facts; readonly clock: Clock },
  assignment: RolloutAssignment,
): SyncClaims {
  const { repository, instance, promotionId } = assignment;
  const attempt = assignment.retriedAt ?? "";
  const keyOf = (application: string): string =>
    `rollout-sync/${repository}/${instance}/${application}/${promotionId}`;
  return {
    async take(application) {
      const mine: Claim = { attempt, at: deps.clock.now().getTime(), by: crypto.randomUUID() };
      const held = await deps.facts.update<Claim>(
        keyOf(application),
        (current) =>
          current?.attempt === attempt && mine.at - current.at < heldForMs ? undefined : mine,
        { ttlMs: heldForMs * 2 },
      );
      return held?.by === mine.by;
    },
    release: (application) => deps.facts.delete([keyOf(application)]),
  };
}
