import { generateKeyPairSync } from "node:crypto";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createRedact } from "#adapters/system/redact.ts";

const jwt =
  "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiIxMjM0NTYiLCJpYXQiOjE3NjM3MTAwMDB9.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg";
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const keyLine = privateKey.split("\n")[5] ?? "";

describe("redact", () => {
  it.for([
    ["an installation token", `x ghs_${"a1B2".repeat(9)} y`, "x [redacted] y"],
    ["one of the new form", `x ghs_123456_${jwt} y`, "x [redacted] y"],
    ["a personal token", `ghp_${"a1B2".repeat(9)}`, "[redacted]"],
    ["a fine-grained token", `github_pat_${"11AA".repeat(10)}_${"b".repeat(30)}`, "[redacted]"],
    ["a user token", `ghu_${"a1B2".repeat(9)}.`, "[redacted]"],
    ["a JWT", `token=${jwt}!`, "token=[redacted]!"],
    ["a bearer", "authorization: Bearer abc.def-123~x/y+z=", "authorization: Bearer [redacted]"],
    ["basic", "Basic dXNlcjpwYXNzd29yZA==", "Basic [redacted]"],
    ["a URL's password", "redis://user:p@ss:word@host:6379/0", "redis://[redacted]@host:6379/0"],
    ["a URL's user", "https://x-access-token@github.com/a", "https://[redacted]@github.com/a"],
    ["a signature", `sha256=${"0".repeat(64)}`, "sha256=[redacted]"],
    ["a key", `before ${privateKey} after`, "before [redacted]\n after"],
    ["a member", '{"clientSecret":"a\\"b","n":1}', '{"clientSecret":"[redacted]","n":1}'],
    ["a header", '{"set-cookie":"a=b","ok":"c"}', '{"set-cookie":"[redacted]","ok":"c"}'],
  ] as const)("takes out %s", ([, text, expected]) => {
    expect(createRedact([])(text)).toBe(expected);
  });

  it("takes out a key inside JSON, whole or cut off, and leaves the JSON whole", () => {
    for (const key of [privateKey, privateKey.slice(0, 400)]) {
      const line = createRedact([])(JSON.stringify({ cause: `cannot read ${key}`, next: 1 }));
      expect(line).not.toContain(keyLine.slice(0, 20));
      expect(JSON.parse(line)).toMatchObject({ next: 1 });
    }
  });

  it.for([
    "digest sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
    "https://github.com/acme/demo-api/pull/7?a=b@c#d",
    "a bearer of news, basic work, the token expired",
    '{"message":"token","promotion_id":"abcdefghijklmnop","repository":"acme/demo"}',
    "mail to someone@example.org",
    "commit 4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  ])("leaves %s alone", (text) => {
    expect(createRedact(["s3cr3t-value"])(text)).toBe(text);
  });

  it("takes out given values in every spelling", () => {
    const value = 'p@ss"word/+ ü\\x';
    const redact = createRedact([value, "short", privateKey]);
    const spellings = [
      value,
      JSON.stringify({ value }),
      `https://host/?q=${encodeURIComponent(value)}`,
      `base64 ${Buffer.from(value).toString("base64")}`,
    ];
    for (const text of spellings) expect(redact(text)).toContain("[redacted]");
    expect(redact("short words stay")).toBe("short words stay");
    expect(redact(JSON.stringify({ key: privateKey }))).toBe('{"key":"[redacted]\\n"}');
  });

  it("takes out the lines of a key that is wrapped anew", () => {
    expect(createRedact([privateKey])(`…\n${privateKey.replaceAll("\n", "\\n")}`)).not.toContain(
      keyLine,
    );
  });

  it("never lets a given value through, wherever it stands, and keeps JSON readable", () => {
    const secret = fc
      .string({ minLength: 6, maxLength: 40 })
      .filter((text) => text.trim().length >= 6);
    fc.assert(
      fc.property(secret, fc.string(), fc.string(), (value, before, after) => {
        const line = JSON.stringify({ text: `${before}${value}${after}`, [value]: value });
        const redacted = createRedact([value])(line);
        expect(redacted).not.toContain(JSON.stringify(value.trim()).slice(1, -1));
      }),
    );
  });

  it("takes a single line of a key for the key, but no line that every key has", () => {
    const redact = createRedact([privateKey]);
    const lines = privateKey.trim().split("\n");
    expect(lines.slice(1, -2).filter((line) => redact(`at ${line} of it`).includes(line))).toEqual(
      [],
    );
    expect(redact("-----END RSA PRIVATE KEY----- is the end")).toContain("END RSA PRIVATE KEY");
  });

  it("takes time in proportion to the text", () => {
    const redact = createRedact(["s3cr3t-value"]);
    const started = performance.now();
    for (const unit of [
      "a",
      "a://",
      "eyJ.",
      '"token":"',
      "-----BEGIN A PRIVATE KEY-----",
      "@",
      "\\",
    ]) {
      redact(unit.repeat(200_000 / unit.length));
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
