import { describe, expect, it } from "vitest";

import { decodeValues, editValues, readValues } from "#core/values.ts";

const file = "gitops/tenants/a/prod.yaml";

function edit(text: string, path: string, value: string): string {
  const result = editValues(file, text, [{ path, value }]);
  if (result.kind === "edited") return result.text;
  return result.kind === "unchanged"
    ? "unchanged"
    : result.refusals.map(({ reason }) => reason).join();
}

function read(text: string, path: string): unknown {
  const [found] = readValues(file, text, [path]);
  if (found?.kind === "string") return [found.value, found.readAs];
  return found?.kind === "refused" ? found.refusal.reason : found?.kind;
}

describe("editValues", () => {
  it.for([
    // text, path, value, result
    ["a: old # c", "a", "new", "a: new # c"],
    ["a: old", "a", "old", "unchanged"],
    ["a: 'old'", "a", "old", "unchanged"],
    ['a: "old"', "a", "new", 'a: "new"'],
    ["a: 'old'", "a", "it's", "a: 'it''s'"],
    ["a: 'old'", "a", "1e10", "a: '1e10'"],
    ["a: 'old'", "a", "two\nlines", String.raw`a: "two\nlines"`],
    ['a: "old"', "a", 'q"\\', String.raw`a: "q\"\\"`],
    [
      'a: "old"',
      "a",
      "\u0085\ufeff\u2028\u007f\0🚀",
      String.raw`a: "\u0085\ufeff\u2028\u007f\u0000🚀"`,
    ],
    ["a: old", "a", "1234567", 'a: "1234567"'],
    ["a: old", "a", "1e10", 'a: "1e10"'],
    ["a: old", "a", "0x12", 'a: "0x12"'],
    ["a: old", "a", "on", 'a: "on"'],
    ["a: old", "a", "1_000", 'a: "1_000"'],
    ["a: old", "a", "20240101", 'a: "20240101"'],
    ["a: old", "a", "2024-01-01", 'a: "2024-01-01"'],
    ["a: old", "a", "1.20", 'a: "1.20"'],
    ["a: old", "a", "e5", 'a: "e5"'],
    ["a: old", "a", "1.10.0", "a: 1.10.0"],
    ["a: old", "a", "deadbee", "a: deadbee"],
    ["a: old", "a", "sha256:00ff", "a: sha256:00ff"],
    ["{a: old}", "a", "sha256:00ff", '{a: "sha256:00ff"}'],
    ["a: old", "a", "x\nevil: 1", String.raw`a: "x\nevil: 1"`],
    ["a: old", "a", "x # y", 'a: "x # y"'],
    ["a: old", "a", "x: y", 'a: "x: y"'],
    ["a: old", "a", "x:", 'a: "x:"'],
    ["a: old", "a", "-x", 'a: "-x"'],
    ["a: old", "a", "*x", 'a: "*x"'],
    ["a: old", "a", "", 'a: ""'],
    // a number of the same text is another value: Helm reads 1.2
    ["a: 1.20", "a", "1.20", 'a: "1.20"'],
    ["a: yes", "a", "yes", 'a: "yes"'],
    // Helm reads these as the string, so that they are in place
    ["a: 2024-01-01", "a", "2024-01-01", "unchanged"],
    ["a: 12e4567", "a", "12e4567", "unchanged"],
    ["a:", "a", "new", "a: new"],
    ["a:  # c", "a", "new", "a: new  # c"],
    ["a: &x # c", "a", "new", "a: &x new # c"],
    ["a: !!str", "a", "1.0", "a: !!str 1.0"],
    ["a: !!str old", "a", "1.0", "a: !!str 1.0"],
    ["a: !<tag:yaml.org,2002:str> old", "a", "1.0", "a: !<tag:yaml.org,2002:str> 1.0"],
    ["a: &x old", "a", "new", "a: &x new"],
    ["a: &x old\nb: &x 1\nc: *x", "a", "new", "a: &x new\nb: &x 1\nc: *x"],
    ["a: null", "a", "new", "a: new"],
    ["a:\n  - x\n  -\n", "a.1", "new", "a:\n  - x\n  - new\n"],
    ["a: [x, old]", "a.1", "new", "a: [x, new]"],
    ["a: {'b': old}", "a.b", "new", "a: {'b': new}"],
    ["a.b: {c: old}", String.raw`a\.b.c`, "new", "a.b: {c: new}"],
    ['"a\\\\b": old', String.raw`a\\b`, "new", '"a\\\\b": new'],
    ["1: {2: old}", "1.2", "new", "1: {2: new}"],
    ["&k a: old\nb: *k", "a", "new", "&k a: new\nb: *k"],
    ["x: &k a\n*k : old", "a", "new", "x: &k a\n*k : new"],
    ["a: old\n'<<': {a: 1}", "a", "new", "a: new\n'<<': {a: 1}"],
    ["a: old\n---\na: other", "a", "new", "a: new\n---\na: other"],
    ["a: old\n...\n}{", "a", "new", "a: new\n...\n}{"],
    ["\ufeffa: old\r\nb: 1\r\n", "a", "new", "\ufeffa: new\r\nb: 1\r\n"],
  ])("%j at %s ← %j", ([text, path, value, expected]) => {
    expect(edit(text ?? "", path ?? "", value ?? "")).toBe(expected);
  });

  it.for([
    // text, path, reason of the edit, what reading says
    ["a: [", "a", "not-yaml", "not-yaml"],
    ["a: 1\n}", "a", "not-yaml", "not-yaml"],
    ["a: 1\n\tb: 2", "a", "not-yaml", "not-yaml"],
    ["a: \u0007", "a", "not-yaml", "not-yaml"],
    ["a: \ud800", "a", "not-yaml", "not-yaml"],
    ["%TAG\n---\na: 1", "a", "not-yaml", "not-yaml"],
    ["a: 1\nb: *x", "a", "not-yaml", "not-yaml"],
    ["a: *x\nb: &x 1", "a", "not-yaml", "not-yaml"],
    ["b: &x 1\na: *x", "a", "alias", "alias"],
    ["b: &x {c: 1}\na: *x", "a.c", "alias", "alias"],
    ["b: &x {c: 1}\na: *x", "a.d", "missing-path", "absent"],
    ["b: &x {c: 1}\na: {<<: *x}", "a.c", "merge-key", "merge-key"],
    ["b: &x {c: 1}\na: {<<: *x}", "a.d", "missing-path", "absent"],
    ["b: &x {c: 1}\na: {c: 2, <<: *x}", "a.c", "merge-key", "merge-key"],
    ["b: &x {c: {d: 1}}\na: {c: {d: 2}, <<: [*x]}", "a.c.d", "merge-key", "merge-key"],
    ["a: {<<: {<<: {c: 1}}}", "a.c", "merge-key", "merge-key"],
    ["a: &x {<<: *x}", "a.c", "missing-path", "absent"],
    ["a: &x 1\nb: *x", "a", "anchor-in-use", "anchor-in-use"],
    ["a: &x {c: 1}\nb: *x", "a.c", "anchor-in-use", "anchor-in-use"],
    ["&x a: 1\nb: &y {c: 1}\nd: [*y]", "b.c", "anchor-in-use", "anchor-in-use"],
    ["a: |\n  x", "a", "block-scalar", "block-scalar"],
    ["a: >-\n  x", "a", "block-scalar", "block-scalar"],
    ["a: x\n  y", "a", "multi-line", "multi-line"],
    ["a: 'x\n  y'", "a", "multi-line", "multi-line"],
    ["a: {b: 1}", "a", "not-a-scalar", "not-a-scalar"],
    ["a: []", "a", "not-a-scalar", "not-a-scalar"],
    ["a: !!int 1", "a", "tag", "tag"],
    ["a: ! 1", "a", "tag", "tag"],
    ["a: !acme x", "a", "tag", "tag"],
    ["a: !acme {b: x}", "a.b", "tag", "tag"],
    ["a: !!omap [b: x]", "a.b", "missing-path", "absent"],
    ["a: !!pairs [b: x]", "a.0", "tag", "tag"],
    ["{a}", "a", "no-indicator", "no-indicator"],
    ["{a:}", "a", "no-indicator", "no-indicator"],
    ["? a", "a", "no-indicator", "no-indicator"],
    ["a: 1", "b", "missing-path", "absent"],
    ["a: 1", "a.b", "missing-path", "absent"],
    ["a:", "a.b", "missing-path", "absent"],
    ["a: [1]", "a.1", "missing-path", "absent"],
    ["a: [1, 2]", "a.01", "missing-path", "absent"],
    ["a: [1]", "a.-1", "missing-path", "absent"],
    ["a: [1]", "a.length", "missing-path", "absent"],
    ["", "a", "missing-path", "absent"],
    ["just text", "a", "missing-path", "absent"],
    ["---\n---\na: 1", "a", "missing-path", "absent"],
    ["a: {b: 1}\na: {c: 1}", "a.b", "missing-path", "absent"],
    ["a: 1", "__proto__.x", "unsafe-key", "unsafe-key"],
    ["constructor: {prototype: 1}", "constructor.prototype", "unsafe-key", "unsafe-key"],
    ["a: 1", "a..b", "bad-path", "bad-path"],
    ["a: 1", "", "bad-path", "bad-path"],
    ["a: 1", String.raw`a\x`, "bad-path", "bad-path"],
  ])("%j at %s is refused: %s", ([text, path, reason, reading]) => {
    expect(edit(text ?? "", path ?? "", "new")).toBe(reason);
    expect(read(text ?? "", path ?? "")).toBe(reading);
  });

  it("makes all edits or none, and gives every reason", () => {
    const text = "image:\n  tag: a\n  digest: sha256:00\n";
    const tag = { path: "image.tag", value: "b" };
    const digest = { path: "image.digest", value: "sha256:11" };
    const edited = { kind: "edited", text: "image:\n  tag: b\n  digest: sha256:11\n" };
    expect(editValues(file, text, [tag, digest])).toEqual(edited);
    expect(editValues(file, text, [digest, tag, tag])).toEqual(edited);
    const longer = { path: "image.tag", value: "longer" };
    expect(editValues(file, text, [longer, longer])).toEqual({
      kind: "edited",
      text: "image:\n  tag: longer\n  digest: sha256:00\n",
    });
    expect(editValues(file, text, [])).toEqual({ kind: "unchanged" });
    expect(
      editValues(file, text, [tag, { path: "image", value: "" }, { path: "x", value: "" }]),
    ).toEqual({
      kind: "refused",
      refusals: [
        {
          reason: "not-a-scalar",
          file,
          path: "image",
          sentence: `${file}: image is a mapping or a sequence, not a single value; correct the path in the policy.`,
        },
        {
          reason: "missing-path",
          file,
          path: "x",
          sentence: `${file}: x does not exist in the file; add the key, since keys are never created.`,
        },
      ],
    });
    expect(editValues(file, text, [tag, { ...tag, value: "c" }])).toMatchObject({
      refusals: [{ reason: "conflict" }],
    });
    expect(edit(text, "image.tag", "\ud800")).toBe("bad-value");
  });

  it("leaves a scalar that is in place as it is, next to one that is not", () => {
    const edits = [
      { path: "a", value: "2024-01-01" },
      { path: "b", value: "new" },
    ];
    expect(editValues(file, "a: 2024-01-01\nb: old\n", edits)).toEqual({
      kind: "edited",
      text: "a: 2024-01-01\nb: new\n",
    });
  });

  it("says where a file is not valid YAML, without its content", () => {
    const [found] = readValues(file, "a: 1\nb: {secret\nc: 2\n", ["a"]);
    expect(found).toEqual({
      kind: "refused",
      refusal: {
        reason: "not-yaml",
        file,
        path: "",
        sentence: `${file} (bad indent, line 3) is not valid YAML; mend the file.`,
      },
    });
  });
});

describe("readValues", () => {
  it.for([
    ["a: x", "x", "string"],
    ["a: 'x'", "x", "string"],
    [String.raw`a: "\x41"`, "A", "string"],
    ["a: 1234567", "1234567", "number"],
    ["a: 1.20", "1.20", "number"],
    ["a: '1.20'", "1.20", "string"],
    ["a: !!str 1.20", "1.20", "string"],
    ["a: on", "on", "boolean"],
    ["a:", "", "null"],
    ["a: ~", "", "null"],
    ["a: ''", "", "string"],
    ["a: 1\na: x", "x", "string"],
  ])("%j is %j, read as %s", ([text, value, readAs]) => {
    expect(read(text ?? "", "a")).toEqual([value, readAs]);
  });

  it("answers in the order of the paths", () => {
    expect(readValues(file, "a: x\nb: {c: y}\n", ["b.c", "z", "a"])).toMatchObject([
      { value: "y" },
      { kind: "absent" },
      { value: "x" },
    ]);
  });
});

describe("decodeValues", () => {
  it("keeps a byte order mark and takes strict UTF-8 only", () => {
    const bytes = new TextEncoder().encode("\ufeffa: ü\r\n");
    expect(decodeValues(file, bytes)).toEqual({ kind: "text", text: "\ufeffa: ü\r\n" });
    expect(decodeValues(file, Uint8Array.of(0x61, 0xfc))).toMatchObject({
      refusal: { reason: "not-utf8" },
    });
    expect(decodeValues(file, Uint8Array.of(0xff, 0xfe, 0x61, 0))).toMatchObject({
      refusal: { reason: "not-utf8" },
    });
  });

  it("takes 1 MiB and not one byte more", () => {
    expect(decodeValues(file, new Uint8Array(1 << 20).fill(0x20))).toMatchObject({ kind: "text" });
    expect(decodeValues(file, new Uint8Array((1 << 20) + 1))).toMatchObject({
      refusal: { reason: "too-large" },
    });
  });
});
