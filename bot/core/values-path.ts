/** A dotted path, taken apart; `reason` says what is wrong with it. */
export type ValuesPath =
  | { readonly kind: "path"; readonly segments: readonly string[] }
  | { readonly kind: "refused"; readonly reason: "bad-path" | "unsafe-key" };

/** Keys with a meaning of their own in JavaScript objects (threat T5): never followed, wherever they stand. */
const unsafeKeys = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Takes a path of the policy apart: `image.tag` → `image`, `tag`.
 *
 * A dot within a key is written `\.`, a backslash `\\`. A segment of digits names the element of a sequence, from 0
 * (`containers.0.tag`), or, in a mapping, the key that is written with these digits.
 */
export function parseValuesPath(path: string): ValuesPath {
  const segments: string[] = [];
  let segment = "";
  for (let index = 0; index < path.length; index++) {
    const character = path[index];
    if (character === ".") {
      segments.push(segment);
      segment = "";
    } else if (character === "\\") {
      const escaped = path[++index];
      if (escaped !== "." && escaped !== "\\") return { kind: "refused", reason: "bad-path" };
      segment += escaped;
    } else {
      segment += character;
    }
  }
  segments.push(segment);
  if (segments.includes("")) return { kind: "refused", reason: "bad-path" };
  if (segments.some((each) => unsafeKeys.has(each))) {
    return { kind: "refused", reason: "unsafe-key" };
  }
  return { kind: "path", segments };
}

/** The index that a segment names in a sequence, or null where it names none. */
export function sequenceIndex(segment: string): number | null {
  return /^(?:0|[1-9]\d{0,5})$/.test(segment) ? Number(segment) : null;
}
