/**
 * Unpacks Snappy's block format (google/snappy, `format_description.txt`), in which GitHub keeps bundles of attestations.
 * Null for what is not whole, or unpacks to more than `mostBytes`.
 */
export function unpackSnappy(packed: Buffer, mostBytes: number): Buffer | null {
  const head = readVarint(packed);
  if (head === null || head.value > mostBytes) return null;
  const out = Buffer.alloc(head.value);
  let from = head.next;
  let to = 0;
  while (from < packed.length) {
    const tag = packed[from] ?? 0;
    const element = (tag & 3) === 0 ? readLiteral(packed, from) : readCopy(packed, from);
    if (element === null || to + element.length > out.length) return null;
    if (element.kind === "literal") {
      packed.copy(out, to, element.at, element.at + element.length);
    } else {
      if (element.offset === 0 || element.offset > to) return null;
      // Byte by byte: a copy may reach into what it writes itself.
      for (let index = to; index < to + element.length; index += 1)
        out[index] = out[index - element.offset] ?? 0;
    }
    to += element.length;
    from = element.next;
  }
  return to === out.length ? out : null;
}

type Element = { readonly length: number; readonly next: number } & (
  | { readonly kind: "literal"; readonly at: number }
  | { readonly kind: "copy"; readonly offset: number }
);

function readVarint(bytes: Buffer): { value: number; next: number } | null {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: index + 1 };
  }
  return null;
}

/** Lengths up to 60 stand in the tag, longer ones in the one to four bytes behind it. */
function readLiteral(bytes: Buffer, from: number): Element | null {
  const short = (bytes[from] ?? 0) >> 2;
  const more = Math.max(0, short - 59);
  const at = from + 1 + more;
  if (at > bytes.length) return null;
  const length = (more === 0 ? short : bytes.readUIntLE(from + 1, more)) + 1;
  if (at + length > bytes.length) return null;
  return { kind: "literal", at, length, next: at + length };
}

function readCopy(bytes: Buffer, from: number): Element | null {
  const tag = bytes[from] ?? 0;
  const width = [0, 1, 2, 4][tag & 3] ?? 0;
  const next = from + 1 + width;
  if (next > bytes.length) return null;
  const behind = bytes.readUIntLE(from + 1, width);
  return width === 1
    ? { kind: "copy", length: ((tag >> 2) & 7) + 4, offset: ((tag >> 5) << 8) + behind, next }
    : { kind: "copy", length: (tag >> 2) + 1, offset: behind, next };
}
