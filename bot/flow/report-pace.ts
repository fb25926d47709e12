import type { TargetRollout } from "#core/rollout-types.ts";
import type { RolloutProgress } from "#core/stream-rollout.ts";

/** What was last told of a rollout. Times are milliseconds. */
export type Reported = {
  readonly digest: string;
  /** What a person should hear of soon, as it stood then. */
  readonly trouble: string;
  readonly at: number;
  /** How often something was told that was no trouble. */
  readonly times: number;
};

/** Between two edits at least. Ours. */
const shortestPauseMs = 10_000;
/** Between the beginning and the first edit that tells no trouble. Ours. */
const firstPauseMs = 30_000;
/**
 * Every further one waits this much longer: 30 s, 3 min, 18 min. A whole promotion may take 16 writes (design §8), and
 * 14 or 15 are spent without any edit.
 */
const growth = 6;

/** States of a target that do not pass by themselves. */
const lasting: readonly TargetRollout[] = ["blocked", "paused", "degraded", "mismatch"];

/**
 * Is there something to tell now, and is it trouble? Trouble is told within ten seconds; that one more target is
 * healthy is told ever more rarely. Null: not now.
 */
export function whatToTell(
  progress: RolloutProgress,
  reported: Reported | null,
  now: number,
): { readonly reported: Reported; readonly trouble: boolean } | null {
  const states = progress.targets.map(
    (one) => `${one.tenant}:${one.state}${one.stuck === true ? ":stuck" : ""}`,
  );
  // That it waits for a number is news, the number itself is not.
  const troubles = [progress.trouble ?? "", progress.waiting ? "waiting" : ""];
  const digest = hashOf([...troubles, ...states]);
  const trouble = hashOf([
    ...troubles,
    ...states.filter((_, index) => {
      const target = progress.targets[index];
      return target !== undefined && (target.stuck === true || lasting.includes(target.state));
    }),
  ]);
  const told = (times: number): Reported => ({ digest, trouble, at: now, times });
  if (reported === null) return { reported: told(1), trouble: true };
  const passed = now - reported.at;
  if (reported.digest === digest || passed < shortestPauseMs) return null;
  if (reported.trouble !== trouble) return { reported: told(reported.times), trouble: true };
  if (passed < firstPauseMs * growth ** (reported.times - 1)) return null;
  return { reported: told(reported.times + 1), trouble: false };
}

/** The states and the trouble, not the sentences: those alone are not worth an edit. */
function hashOf(parts: readonly string[]): string {
  let hash = 5381;
  for (const unit of parts.join("\n"))
    hash = (hash * 33 + (unit.codePointAt(0) ?? 0)) % 4_294_967_296;
  return hash.toString(36);
}
