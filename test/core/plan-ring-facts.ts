import type { StreamState } from "#core/plan-types.ts";
import type { EnvironmentPolicy, RingPolicy } from "#core/policy.ts";

import { aRing } from "../builders.ts";
import { parseStream } from "./plan-situation.ts";

/** One environment of a row: a line for the whole, or `canary: v1 ok; rest: v1 ok`, a line a ring. */
export function parseRings(environment: string, cell: string): readonly StreamState[] {
  if (cell === "") return [];
  const rings = linesOf(cell);
  if (rings.length === 0) return [parseStream(environment, cell)];
  return rings.map(({ ring, line }) => parseStream(environment, line, ring));
}

/** What the cell and the column `besides` say of an environment's rings. */
export function readRings(cell: string, facts: readonly string[]): Partial<EnvironmentPolicy> {
  const rings = linesOf(cell).map(({ ring }) => ringOf(ring, facts));
  const supersede = facts.find((fact) => fact.startsWith("supersede "))?.split(" ")[1];
  return {
    ...(rings.length === 0 ? {} : { rings }),
    ...(supersede === undefined ? {} : { supersede: supersede as EnvironmentPolicy["supersede"] }),
  };
}

/** True for a fact that is said here. */
export function isRingFact(fact: string): boolean {
  return /^supersede (update|queue|replace)$|^[a-z]+ (bears|soaks) \d+$/.test(fact);
}

function linesOf(cell: string): readonly { readonly ring: string; readonly line: string }[] {
  return cell.split("; ").flatMap((part) => {
    const [, ring, line] = /^([a-z]+): (.*)$/.exec(part) ?? [];
    return ring === undefined || line === undefined ? [] : [{ ring, line }];
  });
}

function ringOf(name: string, facts: readonly string[]): RingPolicy {
  const said = (verb: string) => {
    const fact = facts.find((one) => one.startsWith(`${name} ${verb} `));
    return Number(fact?.split(" ")[2] ?? 0);
  };
  return aRing(name, { maxFailures: said("bears"), soakMs: said("soaks") * 60_000 });
}
