import { describe, expect, it } from "vitest";

import { didYouMean, nearest, quoted } from "../../bot/core/nearest.ts";

describe("nearest", () => {
  it.for<[string, string | null]>([
    ["promotors", "promoters"],
    ["GATES", "gates"],
    ["gate", "gates"],
    ["x", null],
    ["completely-else", null],
  ])("%s → %s", ([text, expected]) => {
    expect(nearest(text, ["promoters", "gates", "name"])).toBe(expected);
  });

  it("says it as a question, or says nothing", () => {
    expect(didYouMean("gaets", ["gates"])).toBe(': did you mean "gates"?');
    expect(didYouMean("zzz", ["gates"])).toBe("");
  });
});

describe("quoted", () => {
  it("keeps a foreign text on one line and short", () => {
    expect(quoted('a\n"b"\u202e')).toBe('"a··b··"');
    expect(quoted("x".repeat(100))).toBe(`"${"x".repeat(59)}…"`);
  });
});
