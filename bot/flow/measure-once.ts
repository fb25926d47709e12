import type { Measurement } from "#core/measurement.ts";

import type { RepositoryContext } from "./repository-context.ts";

/** What Prometheus says, asked once in a run: whoever decides by the same query decides by the same number. */
export function measureOnce(context: RepositoryContext, query: string): Promise<Measurement> {
  const asked = asking.get(context) ?? new Map<string, Promise<Measurement>>();
  asking.set(context, asked);
  const answer = asked.get(query) ?? context.deps.measurements.measure(query, context.signal);
  asked.set(query, answer);
  return answer;
}

const asking = new WeakMap<RepositoryContext, Map<string, Promise<Measurement>>>();
