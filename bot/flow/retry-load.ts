import { gatesOf } from "#core/gate-policy.ts";
import { judgeLoad } from "#core/load.ts";
import { findEnvironment, type Policy } from "#core/policy.ts";
import type { Stream } from "#core/target.ts";

import type { LoadRetry } from "./command-decision.ts";
import type { RepositoryContext } from "./repository-context.ts";
import { clocksDiffer } from "./retry-rollout.ts";

/** The load tests of a head as somebody saw them who asked for another try; null: none had failed by then. */
export async function findLoadRetry(
  { memory }: RepositoryContext,
  policy: Policy,
  { stream, head, askedAt }: { stream: Stream; head: string; askedAt: Date },
): Promise<LoadRetry | null> {
  const environment = findEnvironment(policy, stream.environment);
  const until = untilWhen(askedAt);
  for (const gate of environment === undefined ? [] : gatesOf(environment, "load")) {
    const record = await memory.load(head, gate);
    if (record === null || new Date(record.at) > new Date(until)) continue;
    if (judgeLoad(gate, record.figures) !== null) return { head, until };
  }
  return null;
}

/** What was over by then counts as seen. ISO 8601. */
export function untilWhen(askedAt: Date): string {
  return new Date(askedAt.getTime() + clocksDiffer).toISOString();
}

/** Forgets them, so that the next reconcile orders them again. Done twice, it is done once. */
export async function retryLoad(
  { memory, deps, job }: RepositoryContext,
  { head, until }: LoadRetry,
): Promise<void> {
  await memory.dropLoads(head, new Date(until));
  await deps.queue.addReconcile(job);
}
