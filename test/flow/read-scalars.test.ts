import { describe, expect, it } from "vitest";

import { readScalars } from "#flow/read-scalars.ts";

const text = 'image:\n  tag: "sha-1a2b3c4"\n  digest: ""\n';

describe("reading scalars", () => {
  it("reads bytes that it has read before as it did then", () => {
    const bytes = Buffer.from(text);
    const first = readScalars("a.yaml", bytes, ["image.tag"]);
    expect(first).toEqual({
      kind: "read",
      scalars: [{ kind: "string", value: "sha-1a2b3c4", readAs: "string" }],
    });
    expect(readScalars("a.yaml", bytes, ["image.tag"])).toBe(first);
  });

  it("keeps apart other paths of the same bytes", () => {
    const bytes = Buffer.from(text);
    readScalars("a.yaml", bytes, ["image.tag"]);
    expect(readScalars("a.yaml", bytes, ["image.digest", "image.name"])).toMatchObject({
      scalars: [{ value: "" }, { kind: "absent" }],
    });
  });

  it("keeps apart equal texts of other bytes, and names each file in its own refusal", () => {
    const bytes = Buffer.from("image: [");
    const refusals = ["a.yaml", "b.yaml"].map((file) => readScalars(file, bytes, ["image.tag"]));
    expect(refusals).toMatchObject([
      { scalars: [{ kind: "refused", refusal: { file: "a.yaml" } }] },
      { scalars: [{ kind: "refused", refusal: { file: "b.yaml" } }] },
    ]);
  });
});
