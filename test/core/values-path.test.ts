import { describe, expect, it } from "vitest";

import { parseValuesPath, sequenceIndex } from "#core/values-path.ts";

describe("parseValuesPath", () => {
  it.for<[string, string[]]>([
    ["tag", ["tag"]],
    ["image.tag", ["image", "tag"]],
    ["containers.0.tag", ["containers", "0", "tag"]],
    [String.raw`a\.b.c\\d`, ["a.b", String.raw`c\d`]],
    ["a b.ü", ["a b", "ü"]],
  ])("%s", ([path, segments]) => {
    expect(parseValuesPath(path)).toEqual({ kind: "path", segments });
  });

  it.for([
    ["", "bad-path"],
    [".a", "bad-path"],
    ["a.", "bad-path"],
    ["a..b", "bad-path"],
    [String.raw`a\b`, "bad-path"],
    ["a\\", "bad-path"],
    ["a.__proto__", "unsafe-key"],
    ["constructor.a", "unsafe-key"],
    ["a.prototype.b", "unsafe-key"],
  ])("%j is refused: %s", ([path, reason]) => {
    expect(parseValuesPath(path ?? "")).toEqual({ kind: "refused", reason });
  });

  it.for<[string, number | null]>([
    ["0", 0],
    ["12", 12],
    ["01", null],
    ["-1", null],
    ["1e3", null],
    ["length", null],
    ["9999999", null],
  ])("%s as an index is %s", ([segment, index]) => {
    expect(sequenceIndex(segment)).toBe(index);
  });
});
