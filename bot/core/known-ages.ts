import { formatArtifact, type Artifact } from "./artifact.ts";
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
    const [, service, from, to, ...more] = key.split(" ");
    // A values file may hold a "tag" with a space in it: nothing follows from such a key.
    if (more.length > 0) continue;
    const [one, other] = [`${service} ${from}`, `${service} ${to}`];
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
  const goal = `${service} ${formatArtifact(artifact)}`;
  const seen = new Set([`${service} ${formatArtifact(than)}`]);
  for (const newer of seen) {
    for (const older of ages.get(newer) ?? []) {
      if (older === goal) return true;
      seen.add(older);
    }
  }
  return false;
}

function note(ages: Map<string, string[]>, newer: string, older: string): void {
  const known = ages.get(newer);
  if (known === undefined) ages.set(newer, [older]);
  else known.push(older);
}
