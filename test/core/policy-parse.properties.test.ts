import { readFileSync } from "node:fs";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { parsePolicy } from "../../bot/core/policy-parse.ts";

const valid = readFileSync(
  new URL("../fixtures/policy/valid/three-environments.yaml", import.meta.url),
  "utf8",
);
const everything = readFileSync(
  new URL("../fixtures/policy/valid/everything.yaml", import.meta.url),
  "utf8",
);

/** Never throws; whatever is refused is refused with a sentence and a place inside the file. */
function isAnswered(text: string): void {
  const parsed = parsePolicy(text, { repository: "acme/platform" });
  const lines = text.split("\n");
  const problems = parsed.kind === "policy" ? parsed.warnings : parsed.problems;
  if (parsed.kind === "invalid") expect(problems).not.toEqual([]);
  for (const { line, column, sentence, path } of problems) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
    expect(sentence).toMatch(/^[^\n\r]+$/);
    expect(path).not.toMatch(/[\n\r]/);
  }
}

const words = fc.constantFrom(
  "services",
  "environments",
  "name",
  "gates",
  "soak",
  "checks",
  "rings",
  "tenants",
  "values",
  "tags",
  "match",
  "file",
  "freezes",
  "from",
  "window",
  "approvals",
  "__proto__",
  "version",
);

describe("parsePolicy", () => {
  it("answers any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), isAnswered));
  });

  it("answers any YAML", () => {
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.oneof(words, fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.double()),
        fc.array(tie("tree"), { maxLength: 4 }),
        fc.dictionary(fc.oneof(words, fc.string({ maxLength: 5 })), tie("tree"), { maxKeys: 6 }),
      ),
    }));
    fc.assert(fc.property(tree, (value) => isAnswered(stringify(value))));
  });

  it("answers a policy in which something was changed", () => {
    const change = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 40 }),
      insert: fc.oneof(
        fc.constantFrom(
          "",
          " ",
          "\n",
          "\t",
          ":",
          "- ",
          "[",
          "]",
          "{",
          "}",
          "*a",
          "&a ",
          '"',
          "#",
          "0",
        ),
        words,
        fc.string({ maxLength: 4 }),
      ),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(valid, everything),
        fc.array(change, { maxLength: 4 }),
        (text, changes) => {
          const changed = changes.reduce((rest, { at, remove, insert }) => {
            const start = at % (rest.length + 1);
            return rest.slice(0, start) + insert + rest.slice(start + remove);
          }, text);
          isAnswered(changed);
        },
      ),
      { numRuns: 300 },
    );
  });
});
