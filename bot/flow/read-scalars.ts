import { decodeValues, readValues, type ValuesRefusal, type ValuesScalar } from "#core/values.ts";

/** What a values file holds at some paths, in their order. */
export type ReadScalars =
  | { readonly kind: "read"; readonly scalars: readonly ValuesScalar[] }
  | { readonly kind: "refused"; readonly refusal: ValuesRefusal };

/**
 * Every look at a repository reads every values file, and nearly all are the very bytes of the last look: the
 * repository hands out the same array for the same blob as long as it keeps it, and so long what was read stands.
 */
const known = new WeakMap<Uint8Array, Map<string, ReadScalars>>();

/** Reads the scalars at `paths`; `file` only names the file in refusals. */
export function readScalars(
  file: string,
  bytes: Uint8Array,
  paths: readonly string[],
): ReadScalars {
  const key = [file, ...paths].join("\n");
  const ofBytes = known.get(bytes) ?? new Map<string, ReadScalars>();
  const before = ofBytes.get(key);
  if (before !== undefined) return before;
  const decoded = decodeValues(file, bytes);
  const read: ReadScalars =
    decoded.kind === "refused"
      ? decoded
      : { kind: "read", scalars: readValues(file, decoded.text, paths) };
  known.set(bytes, ofBytes.set(key, read));
  return read;
}
