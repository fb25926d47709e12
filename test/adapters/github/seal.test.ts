import { describe, expect, it } from "vitest";

import { readSeal, withSeal } from "#adapters/github/seal.ts";

const secret = { current: "now", previous: null };
const place = "acme/platform";
const text = "# Dashboard\n\n- [ ] a box\n\n<!-- the record -->";
const sealed = withSeal(secret, place, text);

describe("a seal", () => {
  it.for([
    ["what was written", secret, place, sealed],
    ["a box was ticked", secret, place, sealed.replace("[ ]", "[x]")],
    ["GitHub's line ends", secret, place, sealed.replaceAll("\n", "\r\n")],
    ["the secret was rotated", { current: "new", previous: "now" }, place, sealed],
  ] as const)("is right: %s", ([, by, at, body]) => {
    const read = readSeal(by, at, body);
    expect(read.isSealed).toBe(true);
    expect(read.text).toBe(text.replace("[ ]", body.includes("[x]") ? "[x]" : "[ ]"));
  });

  it.for([
    ["no seal", secret, place, text],
    ["another record", secret, place, sealed.replace("the record", "a record")],
    ["another repository", secret, "acme/other", sealed],
    ["another secret", { current: "other", previous: null }, place, sealed],
    ["something below it", secret, place, `${sealed}\n<!-- a record -->`],
    ["half a seal", secret, place, sealed.replace(/.{8} -->$/u, " -->")],
  ] as const)("is wrong: %s", ([, by, at, body]) => {
    expect(readSeal(by, at, body).isSealed).toBe(false);
  });
});
