import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { byteLength, codeSpan, cutBytes, cutChars, prose, titleLine } from "#core/inert.ts";

/** What GitHub acts upon in text that is not in a code span. */
const live = [
  ["a mention", /@[a-z]/i],
  ["a reference", /#\d/],
  ["a reference in words", /\bGH-\d/i],
  ["a link", /:\/\/|\bwww\./i],
  ["markup", /(?<!\\)[*_{}[\]()<>~|!$^&]/],
  ["a list, a rule or a heading", /^(?:[-+=#>]\s|[-=]{2,}$|\d+[.)](?:\s|$))/],
  ["a line end or what hides characters", /[\p{Cc}\p{Zl}\p{Zp}\u202e\u2066\ufeff]/u],
] as const;

const pieces =
  "@acme|@acme/team|#12|acme/x#1|GH-1|fixes #1|closes https://github.com/o/r/issues/1|http://x.example/|HTTPS://x.y|www.x.example|a@b.example|<b>|</details>|<!--|-->|&amp;|[a](b)|![a](b)|**b**|_b_|~~b~~|1. |10) |- |+ |* |> |# |===|---|\\|`|``|```|`a`| |  |\n|\r\n\n|\t|$x$|[^1]: x|[a]: b|- [ ] |a|b.|ü|🚀|\u202e|\u2028|\0|\ud800|:|!";
const foreign = fc.oneof(
  fc
    .array(fc.constantFrom(...pieces.split("|"), "|"), { maxLength: 10 })
    .map((each) => each.join("")),
  fc.string({ unit: "binary", maxLength: 40 }),
);

/** A quote takes a span's place, so that what follows it does not come to stand at the start of the line. */
function outsideCode(markdown: string): string {
  return markdown.replaceAll(/`[^`]*`/g, "'");
}

describe("codeSpan", () => {
  it.for([
    ["sha-1a2b3c4", "`sha-1a2b3c4`"],
    ["", "`(empty)`"],
    [" \n", "`(empty)`"],
    ["a`b``c", "`a'b''c`"],
    ["@acme fixes #1 <b> [a](b)", "`@acme fixes #1 <b> [a](b)`"],
    ["one\r\n\r\ntwo", "`one two`"],
    ["a|b", "`a¦b`"],
    ["a\u202eb\u200bc\0d", "`a b c d`"],
    ["\ud800", "`\ufffd`"],
  ])("%j is %s", ([text, shown]) => {
    expect(codeSpan(text ?? "")).toBe(shown);
  });

  it("is one span, on one line and within one table cell, of at most so many characters", () => {
    fc.assert(
      fc.property(foreign, fc.integer({ min: 1, max: 50 }), (text, most) => {
        const span = codeSpan(text, most);
        expect(span).toMatch(/^`[^`|\p{Cc}\p{Zl}\p{Zp}]+`$/u);
        expect(span.length).toBeLessThanOrEqual(Math.max(most, "(empty)".length) + 2);
        expect(span.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe("prose", () => {
  it.for([
    ["Waits for 10 minutes more.", "Waits for 10 minutes more."],
    ["see `image.tag` here", "see `image.tag` here"],
    ["an odd ` tick", "an odd  tick"],
    ["`` - x", String.raw`\- x`],
    [" - x", String.raw`\- x`],
    ["\n1. x", String.raw`1\. x`],
    ["===", String.raw`\===`],
    ["# x", "#\u200b x"],
    ["fixes #12 for @acme", "fixes #\u200b12 for @\u200bacme"],
    ["fixes GH-12", "fixes GH\u200b-12"],
    ["https://x.example", "https:\u200b//x.example"],
    ["www.x.example", "www\u200b.x.example"],
    ["[a](b)", String.raw`\[a\]\(b\)`],
    ["</details>", String.raw`\</details\>`],
    ["a & b", String.raw`a \& b`],
  ])("%j is shown as %j", ([text, shown]) => {
    expect(prose(text ?? "")).toBe(shown);
  });

  it("holds nothing that GitHub acts upon outside of its code spans", () => {
    fc.assert(
      fc.property(foreign, (text) => {
        const shown = outsideCode(prose(text));
        expect(shown).not.toContain("`");
        for (const [what, pattern] of live)
          expect([what, pattern.exec(shown)]).toEqual([what, null]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("titleLine", () => {
  it("is one short line", () => {
    expect(titleLine("  a\n`b`\t\u202ec ")).toBe("a b c");
    expect(titleLine("x".repeat(200))).toHaveLength(140);
  });
});

describe("cutChars", () => {
  it.for([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["a🚀b", 3, "a…"],
    ["a🚀bc", 4, "a🚀…"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ] as const)("%s in %i", ([text, most, cut]) => {
    expect(cutChars(text, most)).toBe(cut);
  });
});

describe("cutBytes", () => {
  it.for([
    ["a\nb", 3, "…", "a\nb"],
    ["aaaa\nbbbb\ncccc", 12, "…", "aaaa\n…"],
    ["aaaa\nbbbb\ncccc", 13, "…", "aaaa\nbbbb\n…"],
    ["üüüüüü", 8, "…", "üü\n…"],
    ["🚀🚀🚀", 9, "…", "🚀\n…"],
    ["aaaa", 2, "cut here", "cu"],
    ["aaaa", 0, "…", ""],
  ] as const)("%j in %i bytes", ([text, most, note, cut]) => {
    expect(cutBytes(text, most, note)).toBe(cut);
  });

  it("never gives more bytes than it may, nor half a character, and keeps what fits", () => {
    const text = fc.string({
      unit: fc.constantFrom(...("aü東🚀\n".match(/./gsu) ?? [])),
      maxLength: 80,
    });
    fc.assert(
      fc.property(text, fc.integer({ min: 0, max: 200 }), (whole, most) => {
        const cut = cutBytes(whole, most, "…");
        expect(byteLength(cut)).toBe(new TextEncoder().encode(cut).length);
        expect(byteLength(cut)).toBeLessThanOrEqual(most);
        expect(cut.isWellFormed()).toBe(true);
        if (byteLength(whole) <= most) expect(cut).toBe(whole);
        else expect(whole.startsWith(cut.replace(/\n?…?$/u, ""))).toBe(true);
      }),
    );
  });
});
