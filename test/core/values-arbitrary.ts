import * as fc from "fast-check";

/** A scalar as it is written, and the string or other thing that it stands for. */
type Leaf = { text: string; comment: string; anchored: boolean };
type Branch =
  | { kind: "leaf"; leaf: Leaf }
  | { kind: "map"; entries: { key: string; value: Branch }[] }
  | { kind: "flow-map"; entries: { key: string; value: Branch }[] }
  | { kind: "list"; items: Branch[] }
  | { kind: "flow-list"; items: Branch[] }
  | { kind: "block-scalar"; lines: string[]; folded: boolean };

/** A scalar that can be edited: `from` to `to`, in UTF-16 units, without its anchor; `keys` lead there. */
export type Place = { keys: string[]; from: number; to: number };
type Written = { text: string; places: Place[] };

const plainTexts =
  "sha-1a2b3c4|1.10.0|1.20|1234567|0x1F|on|no|~|null|2024-01-01|.inf|a b  c|a#b|it's|-1|-a|über|東京🚀|x/y@z|1_000|=";
const plainBlockTexts = "a:b|http://x.example/y?z=1|sha256:00ff|a, b|a]|a{b}|x [y";
const plain = fc.constantFrom(...plainTexts.split("|"), 'a"b');
const plainInBlock = fc.constantFrom(...plainBlockTexts.split("|"));
const anyText = fc.string({
  unit: fc.constantFrom(...Array.from("abc 019.-_:#'\"\\[]{},&*!|>%@`~üß東🚀")),
  maxLength: 12,
});
const single = anyText.map((text) => `'${text.replaceAll("'", "''")}'`);
const double = anyText.map((text) => JSON.stringify(text));
const escapes = fc.constantFrom(
  String.raw`"\x41\u00fc\U0001F680\n\t\\\" \N\_"`,
  '""',
  "''",
  '"a\\tb"',
);

function leafOf(text: fc.Arbitrary<string>, comments: boolean): fc.Arbitrary<Branch> {
  const comment = comments
    ? fc.constantFrom("", "", " # tag: old", "\t# x", "   ")
    : fc.constant("");
  return fc
    .record({ text, comment, anchored: fc.integer({ max: 9, min: 0 }).map((n) => n === 0) })
    .map((leaf) => ({ kind: "leaf", leaf }));
}

const inFlow = leafOf(fc.oneof(plain, single, double, escapes), false);
const inBlock = leafOf(
  fc.oneof(plain, plainInBlock, single, double, escapes, fc.constant("")),
  true,
);
const key = fc.constantFrom(
  "tag",
  "image",
  "a.b",
  "x y",
  "8080",
  "'q'",
  '"d\\u0041"',
  "ключ",
  "e-f",
  "on",
);

/** Repeated keys stay: Helm reads the last. */
function entriesOf(value: fc.Arbitrary<Branch>): fc.Arbitrary<{ key: string; value: Branch }[]> {
  return fc.array(fc.record({ key, value }), { minLength: 1, maxLength: 4 });
}

const { flow, block } = fc.letrec<{ flow: Branch; block: Branch }>((tie) => ({
  flow: fc.oneof(
    { depthSize: "small" },
    inFlow,
    entriesOf(tie("flow")).map((entries): Branch => ({ kind: "flow-map", entries })),
    fc.array(tie("flow"), { maxLength: 3 }).map((items): Branch => ({ kind: "flow-list", items })),
  ),
  block: fc.oneof(
    { depthSize: "medium" },
    inBlock,
    tie("flow"),
    fc
      .record({
        lines: fc.array(fc.constantFrom("tag: old", "# no", "{{", ""), { minLength: 1 }),
        folded: fc.boolean(),
      })
      .map(({ lines, folded }): Branch => ({
        kind: "block-scalar",
        lines: ["x", ...lines],
        folded,
      })),
    entriesOf(tie("block")).map((entries): Branch => ({ kind: "map", entries })),
    fc
      .array(tie("block"), { minLength: 1, maxLength: 3 })
      .map((items): Branch => ({ kind: "list", items })),
  ),
}));

const layout = fc.record({
  step: fc.integer({ min: 1, max: 4 }),
  crlf: fc.boolean(),
  mark: fc.boolean(),
  start: fc.constantFrom("", "---\n", "# values\n---\n", "--- # values\n", "\n\n", "# tag: old\n"),
  end: fc.constantFrom(
    "",
    "\n",
    "\n---\ntag: other\n",
    "\n...\n",
    "\n# tag: old\n\n",
    "\n---\n{{broken",
  ),
  between: fc.constantFrom("", "\n", "# tag: old\n", "   # deeper\n\n"),
});

/** The path of the policy to a place. */
export function pathOf({ keys }: Place): string {
  return keys.map((key) => key.replaceAll("\\", "\\\\").replaceAll(".", "\\.")).join(".");
}

/** Values documents of every shape: nested maps and lists, flow style, comments, anchors, CRLF, BOM, several documents. */
export const valuesDocument: fc.Arbitrary<Written> = fc
  .tuple(fc.oneof(entriesOf(block), entriesOf(flow)), layout)
  .map(([entries, how]) => write({ kind: "map", entries }, how));

type Layout = typeof layout extends fc.Arbitrary<infer T> ? T : never;

function write(root: Branch, how: Layout): Written {
  const places: Place[] = [];
  let text = (how.mark ? "\ufeff" : "") + how.start;
  let anchors = 0;
  branch(root, -how.step, [], true);
  text += how.end;
  return how.crlf ? withCrlf({ text, places }) : { text, places };

  /** `read` is false below a key that is repeated later: nobody reads what stands there. */
  function branch(node: Branch, indent: number, path: string[], read: boolean): void {
    const deeper = indent + how.step;
    if (node.kind === "leaf") return leaf(node.leaf, path, " ", read);
    if (node.kind === "block-scalar") {
      text += node.folded ? " >-" : " |";
      for (const line of node.lines) text += `\n${line === "" ? "" : " ".repeat(deeper) + line}`;
      return;
    }
    if (node.kind === "flow-map" || node.kind === "flow-list") {
      text += " ";
      return inline(node, path, read);
    }
    if (node.kind === "list") {
      node.items.forEach((item, index) => {
        text += `\n${how.between}${" ".repeat(deeper)}-`;
        branch(item, deeper, [...path, String(index)], read);
      });
      return;
    }
    node.entries.forEach(({ key: name, value }, index) => {
      if (path.length > 0 || index > 0) text += "\n";
      text += `${index > 0 ? how.between : ""}${" ".repeat(deeper)}${name}:`;
      branch(value, deeper, [...path, name], read && isLast(node.entries, index));
    });
  }

  function inline(node: Branch, path: string[], read: boolean): void {
    if (node.kind === "leaf") return leaf(node.leaf, path, "", read);
    if (node.kind === "flow-list") {
      text += "[";
      node.items.forEach((item, index) => {
        if (index > 0) text += ", ";
        inline(item, [...path, String(index)], read);
      });
      text += "]";
    } else if (node.kind === "flow-map" || node.kind === "map") {
      text += "{";
      node.entries.forEach(({ key: name, value }, index) => {
        text += `${index > 0 ? "," : ""} ${name}: `;
        inline(value, [...path, name], read && isLast(node.entries, index));
      });
      text += " }";
    }
  }

  function leaf(
    { text: scalar, comment, anchored }: Leaf,
    path: string[],
    before: string,
    read: boolean,
  ): void {
    if (anchored) text += `${before}&a${++anchors}${before === "" ? " " : ""}`;
    if (scalar !== "") text += before;
    const keys = path.map(keyOf);
    if (read) places.push({ keys, from: text.length, to: text.length + scalar.length });
    // Helm's reader takes no tab right after the dash of an empty item.
    text += scalar + (scalar === "" ? comment.replace("\t", " ") : comment);
  }
}

function keyOf(name: string): string {
  if (name.startsWith("'")) return name.slice(1, -1);
  return name.startsWith('"') ? (JSON.parse(name) as string) : name;
}

function isLast(entries: readonly { key: string }[], index: number): boolean {
  return !entries.slice(index + 1).some(({ key: later }) => later === entries[index]?.key);
}

function withCrlf({ text, places }: Written): Written {
  const moved = (offset: number) => offset + (text.slice(0, offset).match(/\n/g)?.length ?? 0);
  return {
    text: text.replaceAll("\n", "\r\n"),
    places: places.map(({ keys, from, to }) => ({ keys, from: moved(from), to: moved(to) })),
  };
}
