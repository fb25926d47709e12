import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { mayBeMisread, readPlain } from "#core/values-yaml-string.ts";
import { editValues, readValues } from "#core/values.ts";

import { pathOf, valuesDocument } from "./values-arbitrary.ts";
import { buildHelmReader, type HelmAnswer } from "./values-go/helm-reader.ts";
import { anyTag, anyValue, trickyTags } from "./values-tags.ts";

const reader = buildHelmReader();
if (reader.kind === "skip")
  console.warn(`SKIPPED: not compared with Helm's reader: ${reader.reason}`);
const read = reader.kind === "reader" ? reader.read : () => [];

/** The same samples each time: one batch for the program, and no surprise in a pipeline. */
const seed = 20_261_121;

describe.skipIf(reader.kind === "skip")("compared with Helm's own YAML reader", () => {
  it("plain scalars are read alike", () => {
    const numbers = fc.string({
      unit: fc.constantFrom(...Array.from("0123456789abcdefxobXOBEe._+-:")),
      minLength: 1,
      maxLength: 9,
    });
    const edges =
      "~ .inf -.INF .nan 0b-1 0b+1 -0b1 0xffffffffffffffff 0x10000000000000000 -0x8000000000000000 -0x8000000000000001 +0x8000000000000000 1e308 1e309 .5e400 18446744073709551616 .5_0 .5_ .5e1_0 1_e5 0b 0x 0o 0x1p4 685_230.15 190:20:30 tRUE yEs nULL .Nan";
    const texts = [
      ...edges.split(" "),
      `0b${"1".repeat(64)}`,
      `0b${"1".repeat(65)}`,
      `0b-1${"0".repeat(63)}`,
      "9".repeat(400),
      ...trickyTags,
      ...fc.sample(anyTag, { seed, numRuns: 5000 }),
      ...fc.sample(numbers, { seed, numRuns: 20_000 }),
    ].filter((text) => isOnePlainScalar(text));
    const answers = read(texts.map((text) => `key: ${text}\n`));
    const wrong = texts.filter((text, index) => readPlain(text) !== kindOf(answers[index]));
    expect(wrong).toEqual([]);
    const misread = texts.filter(
      (text, index) => !mayBeMisread(text) && valueOf(answers[index]) !== text,
    );
    expect(misread).toEqual([]);
  });

  it("every fixture is edited as Helm sees it", () => {
    const root = join(import.meta.dirname, "../fixtures/values");
    const names = readdirSync(root, { withFileTypes: true })
      // Helm reads YAML 1.1 only and rejects the other directive.
      .filter((entry) => entry.isDirectory() && !/^refused-|^yaml-1-2/.test(entry.name))
      .map(({ name }) => name);
    const fileOf = (name: string, file: string) => readFileSync(join(root, name, file), "utf8");
    const before = read(names.map((name) => fileOf(name, "before.yaml")));
    const after = read(names.map((name) => fileOf(name, "after.yaml")));
    names.forEach((name, index) => {
      const { edits } = JSON.parse(fileOf(name, "edit.json")) as {
        edits: { path: string; value: string }[];
      };
      let expected: unknown = before[index]?.values;
      for (const { path, value } of edits) {
        expected = withValue(
          expected,
          path.split(/(?<!\\)\./).map((key) => key.replaceAll("\\", "")),
          value,
        );
      }
      expect({ name, ...after[index] }).toEqual({ name, values: expected });
    });
  });

  it("any scalar of any document becomes exactly the string, and nothing else changes", () => {
    const samples = fc.sample(
      fc.record({ document: valuesDocument, pick: fc.nat(), value: fc.oneof(anyTag, anyValue) }),
      { seed, numRuns: 1500 },
    );
    const cases = samples.flatMap(({ document, pick, value }) => {
      const place = document.places[pick % Math.max(1, document.places.length)];
      if (place === undefined) return [];
      const result = editValues("values.yaml", document.text, [{ path: pathOf(place), value }]);
      const text = result.kind === "edited" ? result.text : document.text;
      return [{ before: document.text, text, place, value }];
    });
    const before = read(cases.map((each) => each.before));
    const after = read(cases.map((each) => each.text));
    let compared = 0;
    cases.forEach(({ text, place, value }, index) => {
      const helm = before[index]?.values;
      // An infinite number somewhere, which JSON cannot hold, is an error of Helm's with and without the edit.
      if (helm === null || helm === undefined || after[index]?.error !== undefined) {
        expect(`${before[index]?.error}${after[index]?.error}`).toContain("unsupported value");
        return;
      }
      // Helm's name for the key `on` is `true`.
      const keys = place.keys.map((key) => (key === "on" ? "true" : key));
      expect({ text, ...after[index] }).toEqual({ text, values: withValue(helm, keys, value) });
      compared++;
    });
    expect(compared).toBeGreaterThan(1000);
  });

  it("what is read today is what Helm reads", () => {
    const samples = fc.sample(valuesDocument, { seed: seed + 1, numRuns: 500 });
    const answers = read(samples.map(({ text }) => text));
    let compared = 0;
    samples.forEach(({ text, places }, index) => {
      const helm = answers[index]?.values;
      if (helm === null || helm === undefined) return;
      const found = readValues("values.yaml", text, places.map(pathOf));
      places.forEach(({ keys }, at) => {
        const value = keys.reduce<unknown>(
          (node, key) => (node as Record<string, unknown>)[key === "on" ? "true" : key],
          helm,
        );
        const here = found[at];
        if (here?.kind !== "string") throw new Error(`${keys.join(".")} in ${text}`);
        expect([here.readAs, here.readAs === "string" && here.value]).toEqual([
          kindOfValue(value),
          typeof value === "string" && value,
        ]);
        compared++;
      });
    });
    expect(compared).toBeGreaterThan(1000);
  });

  it("a << below a key overrides it, and the last of equal keys counts", () => {
    expect(
      read([
        "base: &base {tag: a}\nimage:\n  tag: b\n  <<: *base\n",
        "base: &base {tag: a}\nimage:\n  <<: *base\n  tag: b\n",
        "image:\n  tag: a\nimage:\n  tag: b\n",
        "image: {tag:}\n",
        "# a comment\u2028hidden: 1\n",
      ]).map(({ values }) => values),
    ).toEqual([
      { base: { tag: "a" }, image: { tag: "a" } },
      { base: { tag: "a" }, image: { tag: "b" } },
      { image: { tag: "b" } },
      { image: { "tag:": null } },
      { hidden: 1 },
    ]);
  });
});

function isOnePlainScalar(text: string): boolean {
  return !/^[-?:](?: |$)|^:|:$|: | #|^---|^\.\.\.$/.test(text);
}

function valueOf(answer: HelmAnswer | undefined): unknown {
  return answer?.values?.["key"];
}

function kindOf(answer: HelmAnswer | undefined): string {
  // Helm turns YAML into JSON, which knows no infinity.
  if (answer?.error?.includes("unsupported value") === true) return "number";
  return answer?.error ?? kindOfValue(valueOf(answer));
}

function kindOfValue(value: unknown): string {
  return value === null ? "null" : typeof value;
}

function withValue(node: unknown, keys: readonly string[], value: string): unknown {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  if (Array.isArray(node)) {
    return node.map((item: unknown, index) =>
      String(index) === key ? withValue(item, rest, value) : item,
    );
  }
  const map = node as Record<string, unknown>;
  if (!Object.hasOwn(map, key)) throw new Error(`Helm knows no ${key}`);
  return { ...map, [key]: withValue(map[key], rest, value) };
}
