import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseMachineBlock, renderMachineBlock } from "#core/machine-block.ts";

describe("the machine block", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "-->",
      "--!>",
      "---",
      "<!--",
      "\u2028",
      "@acme",
      "fixes #1",
      '"} -->',
      "\\u003e",
      "&gt;",
    ),
  );
  const value = fc.record({
    text: hostile,
    list: fc.array(hostile),
    deep: fc.dictionary(hostile, hostile),
  });

  it("reads back what was written, wherever it stands", () => {
    fc.assert(
      fc.property(value, fc.string(), (written, around) => {
        const text = `${around.replaceAll("<", "")}\r\n${renderMachineBlock("x", written)}\r\n`;
        expect(parseMachineBlock("x", text)).toEqual(
          JSON.parse(JSON.stringify({ kind: "x", ...written })),
        );
      }),
    );
  });

  it("is one HTML comment on one line that nothing ends early", () => {
    fc.assert(
      fc.property(value, (written) => {
        const inside = renderMachineBlock("x", written).slice("<!--".length, -"-->".length);
        expect(inside).not.toMatch(/--|[<>@#\n\r\u2028\u2029]/);
      }),
    );
  });

  it.for([
    ["another kind", renderMachineBlock("y", {})],
    ["broken JSON", "<!-- sluice:v1 {no} -->"],
    ["no object", "<!-- sluice:v1 7 -->"],
    ["null", "<!-- sluice:v1 null -->"],
    ["text behind it on its line", `${renderMachineBlock("x", {})} more`],
    ["nothing", ""],
  ])("is not found in %s", ([, text]) => {
    expect(parseMachineBlock("x", text ?? "")).toBeNull();
  });

  it("is the last one", () => {
    const text = [renderMachineBlock("x", { n: 1 }), "", renderMachineBlock("x", { n: 2 })].join(
      "\n",
    );
    expect(parseMachineBlock("x", text)).toEqual({ kind: "x", n: 2 });
  });
});
