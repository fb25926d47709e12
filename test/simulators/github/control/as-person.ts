import { settleMergeQueues } from "../actions/merge-queue.ts";
import { ApiError, notFound } from "../http/answer.ts";
import type { Work } from "../http/context.ts";
import type { Simulation } from "../simulation.ts";
import { ensureAccount } from "../state/accounts.ts";
import { findPull, findRepository } from "../state/find.ts";
import type { Pull, Repository } from "../state/records.ts";

export function place({ world }: Simulation, name: string): Repository {
  const [owner = "", repo = ""] = name.split("/");
  const repository = findRepository(world, owner, repo);
  if (repository === undefined) throw new ApiError(404, `there is no repository ${name}`);
  return repository;
}

/** Does one person's deed on a repository and sends what it causes. */
export async function asPerson<Result>(
  simulation: Simulation,
  { repository, user }: { repository: string; user: string },
  deed: (work: Work, repository: Repository) => Promise<Result>,
): Promise<Result> {
  const { world, deliveries } = simulation;
  const row = place(simulation, repository);
  const account = ensureAccount(world, user);
  const work: Work = { world, actor: { account, app: null, installation: null }, outbox: [] };
  try {
    return await world.locked(row.id, async () => {
      const result = await deed(work, world.tables.repositories.need(row.id));
      await settleMergeQueues(work, row.id);
      return result;
    });
  } finally {
    deliveries.send(work.outbox);
  }
}

export function pullOf({ world }: Work, repository: Repository, number: number): Pull {
  const pull = findPull(world, repository, number);
  if (pull === undefined) throw notFound();
  return pull;
}
