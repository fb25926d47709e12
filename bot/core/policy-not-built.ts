import type { Finding, PathPart } from "./policy-document.ts";

/** A part of the policy that the schema knows and the code does not. */
type NotBuilt = {
  /** `*` is any index of a list; a last part `=rollback` is a value instead of a key. */
  readonly at: string;
  readonly remedy: string;
};

const gates = "environments/*/gates/*";

/** Building one of them begins with deleting its row. */
export const notBuilt: readonly NotBuilt[] = [];

/** Every use of a part that is not built yet, whether the rest of the policy is right or not. */
export function findNotBuilt(value: unknown): Finding[] {
  return notBuilt.flatMap(({ at, remedy }) => {
    const what = at.slice(at.lastIndexOf("/") + 1).replace("=", "");
    const isGate = at.startsWith(gates) && !at.slice(gates.length + 1).includes("/");
    const subject = isGate ? `the gate "${what}"` : `"${what}"`;
    const sentence = `${subject} is not built yet: ${remedy}`;
    return [...uses(value, at.split("/"), [])].map((path) => ({ path, sentence }));
  });
}

function* uses(
  value: unknown,
  [part, ...rest]: readonly string[],
  path: readonly PathPart[],
): Generator<readonly PathPart[]> {
  if (part === undefined) yield path;
  else if (part.startsWith("=")) {
    if (value === part.slice(1)) yield path;
  } else if (part === "*") {
    if (!Array.isArray(value)) return;
    for (const [index, item] of value.entries()) yield* uses(item, rest, [...path, index]);
  } else if (isMapping(value) && Object.hasOwn(value, part)) {
    yield* uses(value[part], rest, [...path, part]);
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
