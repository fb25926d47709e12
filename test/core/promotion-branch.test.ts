import { describe, expect, it } from "vitest";

import {
  isBranchOf,
  parsePromotionBranch,
  parseStreamBranch,
  sideBranch,
  streamBranch,
} from "#core/promotion-branch.ts";
import { promotionId } from "#core/promotion-id.ts";

import { anArtifact, aStream } from "../builders.ts";

const stream = aStream({ environment: "prod", ring: "canary" });
const id = "abcdefghijklmnop";
const kinds = ["rollback", "catch-up", "subset"] as const;

describe("a branch", () => {
  it.for(kinds)("of a %s is read back", (kind) => {
    const branch = sideBranch(kind, stream, id);
    expect(branch).toBe(`sluice-${kind}/prod/demo-api/canary/${id}`);
    expect(parsePromotionBranch(branch)).toEqual({ stream, side: { kind, id } });
    expect(parseStreamBranch(branch)).toBeNull();
    expect(isBranchOf(branch, stream)).toBe(true);
    expect(isBranchOf(branch, { ...stream, ring: "can" })).toBe(false);
    expect(isBranchOf(branch, { ...stream, ring: "rest" })).toBe(false);
  });

  it("of the stream's own promotion is none of them", () => {
    expect(parsePromotionBranch(streamBranch(stream))).toEqual({ stream, side: null });
    expect(isBranchOf(streamBranch(stream), stream)).toBe(true);
  });

  it.for([
    "main",
    "sluice-rollback/prod/demo-api/canary",
    "sluice-rollback/prod/demo-api/canary/",
    `sluice-rollback/prod/demo-api/canary/${id}/more`,
    "sluice-rollback/prod/demo-api/canary/NOT-AN-ID-AT-ALL",
    `sluice-hotfix/prod/demo-api/canary/${id}`,
    `sluice/prod/demo-api/canary/${id}`,
    `sluice-rollback//demo-api/canary/${id}`,
  ])("%s is nobody's", (branch) => {
    expect(parsePromotionBranch(branch)).toBeNull();
    expect(isBranchOf(branch, stream)).toBe(false);
  });
});

it("every kind, and every choice of tenants, is a promotion of its own", () => {
  const place = { ...stream, repository: "acme/platform", artifact: anArtifact("v1") };
  const own = promotionId(place);
  const ids = kinds.flatMap((kind) => [
    promotionId({ ...place, side: { kind, tenants: null } }),
    promotionId({ ...place, side: { kind, tenants: ["a"] } }),
    promotionId({ ...place, side: { kind, tenants: ["a", "b"] } }),
  ]);
  expect(new Set([own, ...ids]).size).toBe(10);
  const turned = promotionId({ ...place, side: { kind: "subset", tenants: ["b", "a"] } });
  expect(ids).toContain(turned);
});
