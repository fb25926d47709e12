import type { RolloutAssignment } from "#core/stream-rollout.ts";

import type { Deps } from "./deps.ts";

/**
 * Argo CD says that something happened to an application: every rollout that watches it looks again now. A wake-up and
 * never evidence, so an unknown name wakes nobody and a forged one costs a look.
 */
export async function wakeRollouts(deps: Deps, application: string): Promise<number> {
  const assignments = await deps.facts.list<RolloutAssignment>("rollout/");
  const watching = [...assignments.values()].filter((assignment) =>
    assignment.targets.some((target) => target.application === application),
  );
  for (const { installation, repository, stream } of watching)
    await deps.queue.addRollout({ installation, repository, ...stream });
  return watching.length;
}
