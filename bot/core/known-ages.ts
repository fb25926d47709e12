import { formatArtifact, type Artifact } from "./artifact.ts";
import type { Answer } from "./plan-types.ts";

/**
 * Which artifacts are known to be older than which, read from all answers about order: what is older than something
 * older is older itself, so a long history costs no question twice.
 */
export type KnownAges = {
  /** By service and artifact: what is directly known to be older. */
  readonly older: ReadonlyMap<string, readonly string[]>;
  /** The same with all that follows, as far as it was asked for. */
  readonly closed: Map<string, ReadonlySet<string>>;
};

export function readAges(answers: ReadonlyMap<string, Answer>): KnownAges {
  const older = new Map<string, string[]>();
  for (const [key, answer] of answers) {
    if (answer.kind !== "order") continue;
    const [, service, from, to, ...more] = key.split(" ");
    // A values file may hold a "tag" with a space in it: nothing follows from such a key.
    if (more.length > 0) continue;
    const [one, other] = [`${service} ${from}`, `${service} ${to}`];
    switch (answer.order.relation) {
      case "newer":
      case "values-only":
        note(older, other, one);
        break;
      case "older":
        note(older, one, other);
        break;
      case "same":
      case "unordered":
        break;
    }
  }
  return { older, closed: new Map() };
}

/** Does it follow from what is known that `artifact` is older than `than`? */
export function isKnownOlder(
  ages: KnownAges,
  service: string,
  { than, artifact }: { readonly than: Artifact; readonly artifact: Artifact },
): boolean {
  const start = `${service} ${formatArtifact(than)}`;
  let closed = ages.closed.get(start);
  if (closed === undefined) {
    closed = close(ages.older, start);
    ages.closed.set(start, closed);
  }
  return closed.has(`${service} ${formatArtifact(artifact)}`);
}

function close(older: KnownAges["older"], start: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const next of older.get(name) ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}

function note(ages: Map<string, string[]>, newer: string, older: string): void {
  const known = ages.get(newer);
  if (known === undefined) ages.set(newer, [older]);
  else known.push(older);
}
