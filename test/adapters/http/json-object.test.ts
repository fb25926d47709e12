import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readJsonObject, readOwnJsonObject } from "#adapters/http/json-object.ts";

describe("readJsonObject", () => {
  it.for([
    ["null", "not an object"],
    ["1", "not an object"],
    ['"text"', "not an object"],
    ["true", "not an object"],
    ["[]", "not an object"],
    ['[{"a":1}]', "not an object"],
    ["", "not valid JSON"],
    ["{", "not valid JSON"],
    ["{} {}", "not valid JSON"],
    ['{"a":1,}', "not valid JSON"],
    ["{'a':1}", "not valid JSON"],
    ['{"a":"b', "not valid JSON"],
    ['{"a":"\\"', "not valid JSON"],
    ['\uFEFF{"a":1}', "byte order mark"],
    ['{"a":1,"a":2}', "same key twice"],
    ['{"a":{"b":[{"c":1,"c":1}]}}', "same key twice"],
    ['{"a":1,"\\u0061":2}', "same key twice"],
    [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, "levels deep"],
    [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "levels deep"],
    [`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, "levels deep"],
    ["[".repeat(1_000_000), "levels deep"],
  ] as const)("refuses %.30s", ([text, sentence]) => {
    const result = readJsonObject(Buffer.from(text));
    expect(result).toMatchObject({ kind: "refused" });
    expect(result.kind === "refused" && result.sentence).toContain(sentence);
  });

  it.for([[[0x7b, 0xff, 0x7d]], [[0xc3, 0x28]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]]])(
    "refuses bytes that are no UTF-8: %j",
    ([bytes]) => {
      expect(readJsonObject(Buffer.from(bytes ?? []))).toMatchObject({
        kind: "refused",
        sentence: expect.stringContaining("UTF-8") as unknown,
      });
    },
  );

  it.for([
    "{}",
    ' \n{"a":1}\t',
    '{"__proto__":{"polluted":true},"constructor":1,"toString":2}',
    '{"a":":{[\\"","b:":["{:",":"]}',
    '{"a":"\\\\","b":"\\\\\\""}',
    `{"a":${"[".repeat(99)}${"]".repeat(99)}}`,
  ])("takes %.40s as it stands", (text) => {
    const result = readJsonObject(Buffer.from(text));
    expect(result).toMatchObject({ kind: "object", text });
    expect(result.kind === "object" && result.value).toEqual(JSON.parse(text));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("takes any object that JSON.stringify writes", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 5 })),
        fc.nat(2),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          // A lone surrogate has no UTF-8 form: what arrives is another character, for us and for JSON alike.
          const bytes = Buffer.from(text);
          expect(readJsonObject(bytes)).toMatchObject({ kind: "object", text: bytes.toString() });
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("never throws, and takes no more than JSON.parse does", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.string({ maxLength: 60 }).map((text) => Buffer.from(text)),
          fc
            .array(fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "a", "1", "\\", " "), {
              maxLength: 30,
            })
            .map((parts) => Buffer.from(parts.join(""))),
        ),
        (bytes) => {
          const result = readJsonObject(Buffer.from(bytes));
          if (result.kind === "object") {
            expect(JSON.parse(Buffer.from(bytes).toString())).toEqual(result.value);
          }
        },
      ),
      { numRuns: 20_000 },
    );
  });
});

describe("readOwnJsonObject", () => {
  it.for([
    ["[]", "not an object"],
    ["", "not valid JSON"],
    ['{"a":1,}', "not valid JSON"],
    ['\uFEFF{"a":1}', "byte order mark"],
    [`{"a":${"[".repeat(100)}${"]".repeat(100)}}`, "levels deep"],
    [`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`, "levels deep"],
  ] as const)("refuses %.30s as the strict one does", ([text, sentence]) => {
    const bytes = Buffer.from(text);
    expect(readOwnJsonObject(bytes)).toEqual(readJsonObject(bytes));
    expect(readOwnJsonObject(bytes)).toMatchObject({
      sentence: expect.stringContaining(sentence) as unknown,
    });
  });

  it("takes what nests a hundred levels, and a key that stands there twice", () => {
    const text = `{"a":1,"a":${"[".repeat(99)}${"]".repeat(99)}}`;
    expect(readOwnJsonObject(Buffer.from(text))).toMatchObject({ kind: "object", text });
  });
});
