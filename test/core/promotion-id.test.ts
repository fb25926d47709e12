import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { expect, it } from "vitest";

import { isPromotionId, promotionId } from "#core/promotion-id.ts";

import { aStream, anArtifact } from "../builders.ts";

const promotion = { repository: "acme/platform", ...aStream(), artifact: anArtifact("v2") };

it("never changes: pull requests, syncs and check runs are found by it", () => {
  expect(promotionId(promotion)).toBe("6cmmqveemf2rzmye");
});

it("is base32 of sha256, as RFC 4648 has it", () => {
  const name = '["acme/platform","dev","demo-api","all","ghcr.io/acme/demo-api:v2"]';
  const bits = [...createHash("sha256").update(name).digest()]
    .map((byte) => byte.toString(2).padStart(8, "0"))
    .join("");
  const letters = bits.slice(0, 80).match(/.{5}/g) ?? [];
  const expected = letters.map(
    (five) => "abcdefghijklmnopqrstuvwxyz234567"[Number.parseInt(five, 2)],
  );
  expect(promotionId(promotion)).toBe(expected.join(""));
});

it("tells everything apart that makes a promotion, and nothing else", () => {
  const others = [
    { repository: "acme/other" },
    { environment: "prod" },
    { service: "web" },
    { ring: "canary" },
    { artifact: anArtifact("v3") },
    { artifact: anArtifact("v2", { digest: `sha256:${"a".repeat(64)}` }) },
  ].map((change) => promotionId({ ...promotion, ...change }));
  expect(new Set([...others, promotionId(promotion)]).size).toBe(others.length + 1);
  const built = { artifact: anArtifact("v2", { revision: "a".repeat(40) }) };
  expect(promotionId({ ...promotion, ...built })).toBe(promotionId(promotion));
});

it("has 16 characters, whatever the names are", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (environment, ring) => {
      expect(isPromotionId(promotionId({ ...promotion, environment, ring }))).toBe(true);
    }),
  );
});
