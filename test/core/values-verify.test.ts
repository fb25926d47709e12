import { describe, expect, it } from "vitest";
import { parseDocument, type Scalar } from "yaml";

import { differsOnlyAt } from "#core/values-verify.ts";

const before = "a: &x !!str old # c\nb: [1, {c: 'd'}]\ne: *x\nf: |\n  text\n";

/** Whether `after` passes for `before` with `a` replaced by `value`. */
function passes(after: string, value = "new"): boolean {
  const [one, other] = [before, after].map((text) =>
    parseDocument(text, { version: "1.1", keepSourceTokens: true, uniqueKeys: false }),
  );
  const target = one?.get("a", true) as Scalar;
  return differsOnlyAt(one?.contents, other?.contents, new Map([[target, value]]));
}

describe("differsOnlyAt", () => {
  it("passes what was asked for", () => {
    expect(passes(before.replace("old", "new"))).toBe(true);
    expect(passes(before.replace("old", '"new"'))).toBe(true);
    expect(passes(before.replace("old", '"1e10"'), "1e10")).toBe(true);
  });

  it.for([
    ["another string", "old", "other"],
    ["no edit at all", "old", "old"],
    ["a lost tag", "!!str old", "new"],
    [
      "a lost anchor",
      "&x !!str old # c\nb: [1, {c: 'd'}]\ne: *x",
      "!!str new\nb: [1, {c: 'd'}]\ne: new",
    ],
    ["a mapping in its place", "&x !!str old", "&x {new: 1}"],
    ["another number", "[1,", "[2,"],
    ["another key", "{c:", "{g:"],
    ["other quotes", "'d'", '"d"'],
    ["a number for a string", "'d'", "d"],
    ["a block for a flow", "f: |\n  text", "f: text"],
    ["a block list for a flow list", "[1, {c: 'd'}]", "\n- 1\n- {c: 'd'}"],
    ["a folded for a literal", "f: |", "f: >"],
    ["one item more", "'d'}", "'d'}, 2"],
    ["one item less", "1, ", ""],
    ["a mapping for a list", "[1, {c: 'd'}]", "{1: {c: 'd'}}"],
    ["an alias written out", "*x", "old"],
    ["one key more", "f:", "g: 1\nf:"],
    ["the order of keys", "e: *x\nf: |\n  text\n", "f: |\n  text\ne: *x\n"],
  ])("catches %s", ([, from, to]) => {
    const edited = before.replace(from ?? "", to ?? "");
    expect(passes(from?.includes("old") === true ? edited : edited.replace("old", "new"))).toBe(
      false,
    );
  });

  // The first is what `yaml` itself reads as a number, the second what only Helm does.
  it.for(["12e4567", "0b-1"])(
    "catches a plain %s, which a reader takes for something else",
    (value) => {
      const [one, other] = ["a: old", `a: ${value}`].map((text) =>
        parseDocument(text, { version: "1.1" }),
      );
      const target = one?.get("a", true) as Scalar;
      expect(differsOnlyAt(one?.contents, other?.contents, new Map([[target, value]]))).toBe(false);
    },
  );
});
