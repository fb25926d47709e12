import { dequeue, enqueue, queueEntries } from "../actions/merge-queue.ts";
import { ApiError } from "../http/answer.ts";
import type { RulesSeed } from "../seed.ts";
import type { Simulation } from "../simulation.ts";
import { rulesOf } from "../state/apply-seed.ts";
import { asPerson, place, pullOf } from "./as-person.ts";
import type { InRepository, OnPull } from "./inputs.ts";

/** What people do with merge queues and rulesets. */
export function queueActions(simulation: Simulation) {
  const { world } = simulation;
  return {
    /** A person presses "Merge when ready", or takes a pull request out of the queue. */
    enqueue: (input: OnPull) =>
      asPerson(simulation, input, async (work, repository) => {
        const entry = await enqueue(
          work,
          repository,
          pullOf(work, repository, input.number),
          undefined,
        );
        return { enqueuedAt: entry.enqueuedAt };
      }),
    dequeue: (input: OnPull) =>
      asPerson(simulation, input, async (work, repository) => {
        const pull = pullOf(work, repository, input.number);
        const queued = queueEntries(work, { repository, branch: pull.baseRef });
        const entry = queued.find(({ pullId }) => pullId === pull.id);
        if (entry === undefined) throw new ApiError(422, `#${pull.number} is not in the queue`);
        await dequeue(work, repository, entry, "MANUAL");
        return { number: pull.number };
      }),
    /** Sets, or with null removes, what the rulesets of a branch ask for. */
    rules: (input: InRepository & { branch: string; rules: RulesSeed | null }) => {
      const row = place(simulation, input.repository);
      const { [input.branch]: _old, ...others } = row.rules;
      const set = input.rules === null ? {} : { [input.branch]: rulesOf(input.rules) };
      world.tables.repositories.update(row.id, { rules: { ...others, ...set } });
      return Promise.resolve({ branch: input.branch });
    },
  };
}
