import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { readPolicyDocument, showPath } from "../../bot/core/policy-document.ts";
import { parsePolicy } from "../../bot/core/policy-parse.ts";

function problemsOf(text: string): string {
  const parsed = parsePolicy(text, { repository: "acme/platform" });
  if (parsed.kind === "policy") return "no problem";
  return parsed.problems
    .map(({ line, column, sentence }) => `${line}:${column} ${sentence}`)
    .join("\n");
}

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/policy/invalid/${name}.yaml`, import.meta.url), "utf8");
}

describe("readPolicyDocument", () => {
  it("mistakes of YAML, each with its line", () => {
    expect(problemsOf(fixture("syntax"))).toMatchInlineSnapshot(`
      "4:1 not valid YAML: tabs are not allowed as indentation
      5:29 not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]"
    `);
  });

  it("duplicate keys, dangerous keys, merge keys, aliases, tags, a second document", () => {
    expect(problemsOf(fixture("yaml"))).toMatchInlineSnapshot(`
      "3:3 missing: write keys with values
      3:3 missing: write a text
      5:5 the key "image" is written twice: keep one
      6:5 the key "__proto__" is not allowed: remove it
      7:5 the key "constructor" is not allowed: remove it
      8:5 merge keys ("<<") are not supported: write the keys out
      9:15 the alias has no anchor before it
      9:15 missing: write a list ("- …" or "[…]")
      10:3 a key is a plain text: write one
      12:4 not valid YAML: unresolved tag: !secret
      12:12 unknown key "x": here are version, services, environments, freezes, pins, excluded, notifications
      13:1 the policy holds more than one YAML document: keep one"
    `);
  });

  it.for([
    ["empty", ""],
    ["blank", " \n\n"],
    ["only comments", fixture("only-comments")],
    ["null", "~"],
    ["an empty document", "---\n"],
  ])("says that it is empty: %s", ([, text]) => {
    expect(problemsOf(text ?? "")).toBe(
      '1:1 the policy is empty: start with "version: 1", "services" and "environments"',
    );
  });

  it("a list is no policy", () => {
    expect(problemsOf(fixture("list"))).toBe("1:1 is a list: write keys with values");
  });

  it.for<[string, string, RegExp]>([
    [
      "256 KiB",
      `# ${"x".repeat(256 * 1024)}\nversion: 1`,
      /^1:1 the policy is larger than 256 KiB/,
    ],
    [
      "256 KiB in bytes, not characters",
      `# ${"é".repeat(128 * 1024)}`,
      /^1:1 the policy is larger/,
    ],
    ["flow nesting", `a: ${"[".repeat(100_000)}`, /^1:\d+ nested deeper than 32 levels/],
    ["compact nesting", "- ".repeat(100_000), /^1:\d+ nested deeper than 32 levels/],
    ["keys of keys", "? ".repeat(100_000), /^1:\d+ nested deeper than 32 levels/],
    [
      "block nesting",
      Array.from({ length: 40 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
      /^34:34 nested deeper than 32 levels/m,
    ],
    ["an alias of itself", "a: &a [*a]", /nested deeper than 32 levels/],
    ["many aliases", `a: &a 1\nb: [${"*a, ".repeat(101)}]`, /more than 100 aliases/],
    [
      "a bomb of aliases",
      [
        "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]",
        ..."bcdefgh".split("").map((key, index) => {
          const before = "abcdefg".charAt(index);
          return `${key}: &${key} [${`*${before}, `.repeat(9)}]`;
        }),
      ].join("\n"),
      /the policy holds too many values|more than 100 aliases/,
    ],
    [
      "very many keys",
      Array.from({ length: 30_000 }, (_, index) => `a${index}:`).join("\n"),
      /the policy holds too many values/,
    ],
  ])("has a cap: %s", ([, text, expected]) => {
    const start = performance.now();
    expect(problemsOf(text)).toMatch(expected);
    expect(performance.now() - start).toBeLessThan(15_000);
  });

  it("keeps the prototype of objects as it is", () => {
    const { value } = readPolicyDocument("a:\n  __proto__: { admin: true }\n  b: 1\n");
    expect(value).toEqual({ a: { b: 1 } });
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it("finds the nearest part that is there", () => {
    const document = readPolicyDocument("a:\n  - b: 1\n    c: x\n");
    const at = (...path: (string | number)[]) => {
      const { line, column } = document.locate({ path, sentence: "" });
      return `${line}:${column}`;
    };
    expect([
      at("a"),
      at("a", 0),
      at("a", 0, "c"),
      at("a", 0, "zzz"),
      at("a", 7),
      at("x"),
      at(),
    ]).toEqual(["1:1", "2:5", "3:8", "2:5", "1:1", "1:1", "1:1"]);
  });

  it("shows a path in one line, whatever its keys hold", () => {
    expect(showPath(["environments", 2, "gates", 0, "soak"])).toBe("environments[2].gates[0].soak");
    expect(showPath(["a\nb", '"'])).toBe("a·b.·");
  });
});
