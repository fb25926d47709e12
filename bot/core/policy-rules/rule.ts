import type { Finding, PathPart } from "../policy-document.ts";
import type { Readable } from "../policy-readable.ts";
import type { WrittenEnvironment, WrittenPolicy, WrittenService } from "../policy-schema.ts";

/**
 * One thing that a policy must fulfil. A rule is given what fits the schema, any of which may be missing, and finds
 * every place that breaks it, each with a remedy.
 */
export type Rule = (policy: Readable<WrittenPolicy>) => Iterable<Finding>;

/** A rule about each service alone. */
export function eachService(
  find: (service: Readable<WrittenService>, path: readonly PathPart[]) => Iterable<Finding>,
): Rule {
  return function* findInServices(policy) {
    for (const [name, service] of Object.entries(policy.services ?? {})) {
      if (service !== undefined) yield* find(service, ["services", name]);
    }
  };
}

/** A rule about each environment alone. */
export function eachEnvironment(
  find: (
    environment: Readable<WrittenEnvironment>,
    path: readonly PathPart[],
    index: number,
  ) => Iterable<Finding>,
): Rule {
  return function* findInEnvironments(policy) {
    for (const [index, environment] of (policy.environments ?? []).entries()) {
      yield* find(environment, ["environments", index], index);
    }
  };
}

/** Every entry that repeats an earlier one, with its index. */
export function* repeated<T>(items: Iterable<T>): Generator<{ index: number; item: T }> {
  const seen = new Set<T>();
  let index = 0;
  for (const item of items) {
    if (item !== undefined && seen.has(item)) yield { index, item };
    seen.add(item);
    index++;
  }
}
