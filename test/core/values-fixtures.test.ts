import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { decodeValues, editValues, readValues } from "#core/values.ts";

/** `edit.json`: what is asked for; `refused` in place of an `after.yaml`. */
type Case = { edits: { path: string; value: string }[]; refused?: string };

const root = join(import.meta.dirname, "../fixtures/values");
const names = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe("values fixtures", () => {
  it("are all there", () => {
    expect(names.filter((name) => !name.startsWith("refused-")).length).toBeGreaterThanOrEqual(50);
    expect(names.filter((name) => name.startsWith("refused-")).length).toBeGreaterThanOrEqual(20);
  });

  it.for(names.filter((name) => !name.startsWith("refused-")))("%s is edited", (name) => {
    const { edits } = askedFor(name);
    const before = textOf(name, "before.yaml");
    const after = textOf(name, "after.yaml");
    expect(editValues(name, before, edits)).toEqual({ kind: "edited", text: after });
    expect(editValues(name, after, edits)).toEqual({ kind: "unchanged" });
    expect(
      readValues(
        name,
        after,
        edits.map(({ path }) => path),
      ),
    ).toEqual(edits.map(({ value }) => ({ kind: "string", value, readAs: "string" })));
  });

  it.for(names.filter((name) => name.startsWith("refused-")))("%s", (name) => {
    const { edits, refused } = askedFor(name);
    const before = textOf(name, "before.yaml");
    const result = editValues(name, before, edits);
    expect(result).toMatchObject({ kind: "refused", refusals: [{ reason: refused, file: name }] });
    const [read] = readValues(
      name,
      before,
      edits.map(({ path }) => path),
    );
    expect(read).toMatchObject(
      refused === "missing-path"
        ? { kind: "absent" }
        : { kind: "refused", refusal: { reason: refused, file: name } },
    );
  });
});

function askedFor(name: string): Case {
  return JSON.parse(readFileSync(join(root, name, "edit.json"), "utf8")) as Case;
}

function textOf(name: string, file: string): string {
  const decoded = decodeValues(file, readFileSync(join(root, name, file)));
  if (decoded.kind === "refused") throw new Error(decoded.refusal.sentence);
  return decoded.text;
}
