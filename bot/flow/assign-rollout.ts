import { sameRollout, type RolloutAssignment } from "#core/stream-rollout.ts";
import { streamKey, type Stream } from "#core/target.ts";
import type { Facts } from "#ports/facts.ts";

import { forgetSettled } from "./rollout-state.ts";

/** The longest timeout is hours; what is older belongs to a rollout that nobody runs any more. */
const keptForMs = 7 * 24 * 60 * 60 * 1000;

export function assignmentKey(repository: string, stream: Stream): string {
  return `rollout/${repository}/${streamKey(stream)}`;
}

/**
 * Says what a stream's rollout is about. Called by the reconcile for every stream whose desired artifact has no
 * verdict, as often as it likes: the same rollout keeps its start, another one takes the place of the old. A rollout
 * that was settled and is assigned again settles again, so that a verdict that was lost comes back.
 */
export async function assignRollout(
  facts: Facts,
  repository: string,
  assignment: RolloutAssignment,
): Promise<void> {
  await facts.update<RolloutAssignment>(
    assignmentKey(repository, assignment.stream),
    (current) => {
      const goesOn = current !== null && sameRollout(current, assignment);
      const earlier = goesOn && current.startedAt < assignment.startedAt;
      const next = earlier ? { ...assignment, startedAt: current.startedAt } : assignment;
      return JSON.stringify(next) === JSON.stringify(current) ? undefined : next;
    },
    { ttlMs: keptForMs },
  );
  await forgetSettled(facts, repository, assignment);
}

export function readAssignment(
  facts: Facts,
  repository: string,
  stream: Stream,
): Promise<RolloutAssignment | null> {
  return facts.get<RolloutAssignment>(assignmentKey(repository, stream));
}
