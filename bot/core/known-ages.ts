import type { Artifact } from "./artifact.ts";
import type { Answer } from "./plan-types.ts";

/**
 * Which artifacts are known to be older than which, read from all answers about order: what is older than something
 * older is older itself, so a long history costs no question twice.
 */
export type KnownAges = ReadonlyMap<string, readonly string[]>;

export function readAges(answers: ReadonlyMap<string, Answer>): KnownAges {
  const ages = new Map<string, string[]>();
  for (const [key, answer] of answers) {
    if (answer.kind !== "order") continue;
    const [, service, from, to] = JSON.parse(key) as [string, string, Name, Name];
    const [one, other] = [JSON.stringify([service, from]), JSON.stringify([service, to])];
    switch (answer.order.relation) {
      case "newer":
      case "values-only":
        note(ages, other, one);
        break;
      case "older":
        note(ages, one, other);
        break;
      case "same":
      case "unordered":
        break;
    }
  }
  return ages;
}

/** Does it follow from what is known that `artifact` is older than `than`? */
export function isKnownOlder(
  ages: KnownAges,
  service: string,
  { than, artifact }: { readonly than: Artifact; readonly artifact: Artifact },
): boolean {
  const goal = keyOf(service, artifact);
  const seen = new Set([keyOf(service, than)]);
  for (const newer of seen) {
    for (const older of ages.get(newer) ?? []) {
      if (older === goal) return true;
      seen.add(older);
    }
  }
  return false;
}

/** An artifact as it stands in a question's key. */
type Name = readonly [string, string, string | null];

function note(ages: Map<string, string[]>, newer: string, older: string): void {
  const known = ages.get(newer);
  if (known === undefined) ages.set(newer, [older]);
  else known.push(older);
}

function keyOf(service: string, { repository, tag, digest }: Artifact): string {
  return JSON.stringify([service, [repository, tag, digest]]);
}
