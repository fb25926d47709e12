import { describe, expect, it } from "vitest";

import { mayBeMisread, readPlain } from "#core/values-yaml-string.ts";

describe("readPlain", () => {
  it.for([
    ["", "null"],
    ["~", "null"],
    ["Null", "null"],
    ["nULL", "string"],
    ["y", "boolean"],
    ["On", "boolean"],
    ["yEs", "string"],
    ["1234567", "number"],
    ["0123456", "number"],
    ["0888", "number"],
    ["1e10", "number"],
    ["1.20", "number"],
    [".5", "number"],
    [".5_", "string"],
    ["1_000", "number"],
    ["0x12", "number"],
    ["0b1", "number"],
    ["0b2", "string"],
    ["0o17", "number"],
    ["0x10000000000000000", "string"],
    ["-0x8000000000000000", "number"],
    ["-0x8000000000000001", "string"],
    ["20240101", "number"],
    [".inf", "number"],
    [".NaN", "number"],
    ["1.10.0", "string"],
    ["12e4567", "string"],
    ["deadbee", "string"],
    ["sha-1234567", "string"],
    ["2024-01-01", "string"],
    ["1:30", "string"],
    ["-", "string"],
  ])("%j is a %s to Helm", ([text, reading]) => {
    expect(readPlain(text ?? "")).toBe(reading);
  });
});

describe("mayBeMisread", () => {
  it.for([
    "12e4567",
    "2024-01-01",
    "1:30",
    "yEs",
    "e5",
    "0b2",
    "=",
    "<<",
    "NaN",
    ".",
    "2001-12-14t21:59:43",
  ])("%j is quoted, though Helm reads the string", (text) => {
    expect([readPlain(text), mayBeMisread(text)]).toEqual(["string", true]);
  });

  it.for([
    "v1",
    "1.10.0",
    "deadbee",
    "sha-1a2b3c4",
    "sha256:00ff",
    "1a2b3c4",
    "latest",
    "2024-01-01-rc1",
    "_1",
    "0.1.x",
  ])("%j may stand plain", (text) => {
    expect(mayBeMisread(text)).toBe(false);
  });
});
