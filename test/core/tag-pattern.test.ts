import { describe, expect, it } from "vitest";

import { compileTagPattern, tagPatternProblem } from "../../bot/core/tag-pattern.ts";

const semver = String.raw`^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?$`;

describe("tagPatternProblem", () => {
  it.for([
    "^sha-[0-9a-f]{7,40}$",
    String.raw`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`,
    String.raw`^\d+(\.\d+)*$`,
    "^(?:[a-z0-9]+-)*[a-z0-9]+$",
    "^[a-z0-9]+(?:[._-][a-z0-9]+)*$",
    "^(main|release-[0-9]+)-(?<sha>[0-9a-f]+)$",
    String.raw`^main-\d{8}T\d{6}-[0-9a-f]{7}$`,
    "^latest-.*$",
    "(a|b)+",
    ".*",
    ".+-release",
    semver,
  ])("accepts %s", (pattern) => {
    expect(tagPatternProblem(pattern)).toBeNull();
  });

  it.for<[string, RegExp]>([
    ["(", /not a regular expression/],
    ["[z-a]", /not a regular expression/],
    ["a".repeat(201), /more than 200 characters/],
    ["latest", /never promoted/],
    ["^(latest)$", /never promoted/],
    ["^(a+)+$", /nests one repetition/],
    ["(a*)*", /nests one repetition/],
    ["^(a|a)+$", /nests one repetition/],
    ["(a|ab)+", /nests one repetition/],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", /nests one repetition/],
    ["(x+x+)+y", /nests one repetition/],
    ["(-[a-z-]+)*", /nests one repetition/],
    [".*.*.*.*", /overlapping/],
    ["^(a{2,}a*){0,3}(a?a?a?)(a|aa){8}b", /overlapping/],
    [String.raw`(a)\1`, /back-references/],
    [String.raw`(?<x>a)\k<x>`, /back-references/],
    ["^(?!pr-).*$", /look-around/],
    ["(?<=a)b", /look-around/],
  ])("refuses %s", ([pattern, expected]) => {
    expect(tagPatternProblem(pattern)).toMatch(expected);
  });

  it("what is accepted stays quick on the tags that hurt most", () => {
    const tags = ["a", "1", "-", "a-", ".1", "a.-"].map(
      (part) => `${part.repeat(128).slice(0, 127)}!`,
    );
    const patterns = [semver, "^[^-]+.{2,}[a-z]{0,3}x$", "^a+.*a+x$", "^(?:[a-z0-9]+-)*[a-z0-9]+$"];
    expect(patterns.map(tagPatternProblem)).toEqual([null, null, null, null]);
    const start = performance.now();
    for (const pattern of patterns) for (const tag of tags) compileTagPattern(pattern).test(tag);
    expect(performance.now() - start).toBeLessThan(15_000);
  });
});
