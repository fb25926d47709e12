import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parseAllDocuments,
  parse,
} from "yaml";

import { editValues, readValues } from "#core/values.ts";

import { pathOf, type Place, valuesDocument } from "./values-arbitrary.ts";
import { anyTag, anyValue } from "./values-tags.ts";

const runs = { numRuns: Number(process.env["PROPERTY_RUNS"] ?? 400) };

describe("editing any scalar of any values document", () => {
  it("changes that scalar, for every reader, and not one other character", () => {
    fc.assert(
      fc.property(valuesDocument, fc.nat(), fc.oneof(anyTag, anyValue), (document, pick, value) => {
        const place = document.places[pick % Math.max(1, document.places.length)];
        fc.pre(place !== undefined);
        const { text } = document;
        const path = pathOf(place);
        const result = editValues("values.yaml", text, [{ path, value }]);
        if (result.kind === "refused") throw new Error(result.refusals[0]?.sentence);
        const edited = result.kind === "edited" ? result.text : text;

        // What stood there already stays as it is: a plain date is a string to Helm, though not to every reader.
        const middle = between(text, edited, place);
        for (const version of result.kind === "edited" ? (["1.1", "1.2"] as const) : []) {
          expect(parse(`key: ${middle}`, { version })).toEqual({ key: value });
          expect(withPlace(edited, place, version)).toEqual(withPlace(text, place, version, value));
        }
        expect(readValues("values.yaml", edited, [path])).toEqual([
          { kind: "string", value, readAs: "string" },
        ]);
        expect(editValues("values.yaml", edited, [{ path, value }])).toEqual({ kind: "unchanged" });
      }),
      runs,
    );
  });

  it("gives for several edits at once what one after the other gives", () => {
    fc.assert(
      fc.property(
        valuesDocument,
        fc.array(anyTag, { minLength: 2, maxLength: 5 }),
        (document, tags) => {
          const edits = document.places
            .slice(0, tags.length)
            .map((place, index) => ({ path: pathOf(place), value: tags[index] ?? "" }));
          const together = editValues("values.yaml", document.text, edits);
          let text = document.text;
          for (const edit of edits) {
            const one = editValues("values.yaml", text, [edit]);
            if (one.kind === "edited") text = one.text;
          }
          const expected =
            text === document.text ? { kind: "unchanged" } : { kind: "edited", text };
          expect(together).toEqual(expected);
        },
      ),
      runs,
    );
  });

  it("never throws, whatever the text", () => {
    const tokens =
      "a: |- |? |{|}|[|]|, |: |&a |*a |!!str |<<: |> |'|#|x|1e3|---\n|...\n|%YAML 1.2\n|\n|\n  |\n    |\t|\r\n|\\|\ufeff";
    const text = fc.array(fc.constantFrom(...tokens.split("|"), "| ", '"'), { maxLength: 40 });
    fc.assert(
      fc.property(text, (parts) => {
        const result = editValues("values.yaml", parts.join(""), [{ path: "a", value: "v2" }]);
        if (result.kind !== "edited") return;
        expect(readValues("values.yaml", result.text, ["a"])).toEqual([
          { kind: "string", value: "v2", readAs: "string" },
        ]);
      }),
      { numRuns: runs.numRuns * 10 },
    );
  });
});

/** The new scalar; everything around it must be untouched. */
function between(text: string, edited: string, { from, to }: Place): string {
  if (edited === text) return text.slice(from, to);
  // An empty value is written right after its indicator, and so before the spaces at which it was.
  const start = from === to ? text.slice(0, from).trimEnd().length : from;
  expect(edited.startsWith(text.slice(0, start))).toBe(true);
  expect(edited.endsWith(text.slice(from === to ? start : to))).toBe(true);
  return edited.slice(start, edited.length - (text.length - (from === to ? start : to)));
}

/** The whole document as plain data, duplicate keys and all, with `value` at the place, which is left out of `text`. */
function withPlace(text: string, place: Place, version: "1.1" | "1.2", value?: string): unknown {
  const [document] = parseAllDocuments(text, { version, uniqueKeys: false }) as Document.Parsed[];
  return plain(document?.contents, place.keys);

  function plain(node: unknown, keys: readonly string[] | null): unknown {
    if (isScalar(node) || node === null || node === undefined) {
      if (keys?.length === 0) return value ?? (isScalar(node) ? node.value : null);
      return isScalar(node) ? [node.source, node.type] : node;
    }
    if (isAlias(node)) return ["alias", node.source];
    if (isSeq(node)) {
      return node.items.map((item, index) => plain(item, below(keys, String(index))));
    }
    if (!isMap(node)) throw new Error(isNode(node) ? node.constructor.name : typeof node);
    const last = new Map(
      node.items.map(({ key }, index) => [String(isScalar(key) && key.source), index]),
    );
    return node.items.map(({ key, value: child }, index) => {
      const name = String(isScalar(key) && key.source);
      return [name, plain(child, last.get(name) === index ? below(keys, name) : null)];
    });
  }
}

function below(keys: readonly string[] | null, key: string): readonly string[] | null {
  return keys !== null && keys[0] === key ? keys.slice(1) : null;
}
