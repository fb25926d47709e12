import { describe, expect, it } from "vitest";

import {
  orderByAncestry,
  orderByPublication,
  orderBySemver,
  pathsThatBringNothing,
  type OrderedPair,
  type RevisionComparison,
} from "#core/artifact-order.ts";

import { aPolicy, anArtifact, before } from "../builders.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function aPair(change: Partial<OrderedPair> = {}): OrderedPair {
  return {
    from: anArtifact("v1"),
    to: anArtifact("v2"),
    published: { from: null, to: null },
    ...change,
  };
}

describe("ancestry", () => {
  const bringsNothing = pathsThatBringNothing(aPolicy());
  const compare = (comparison: RevisionComparison, test = bringsNothing) =>
    orderByAncestry(aPair(), comparison, test).relation;
  const values = "tenants/a/dev.yaml";

  it.for([
    ["ahead", ["src/main.ts"], "newer"],
    ["ahead", [values], "values-only"],
    ["ahead", [values, ".github/sluice.yaml"], "values-only"],
    ["ahead", [values, "src/main.ts"], "newer"],
    ["ahead", ["tenants/a/qa.yaml"], "newer"],
    ["ahead", ["tenants/a/b/dev.yaml"], "newer"],
    ["ahead", ["tenants/A/dev.yaml"], "newer"],
    ["ahead", [".github/workflows/ci.yaml"], "newer"],
    ["ahead", [], "newer"],
    ["ahead", null, "newer"],
    [
      "ahead",
      Array.from({ length: 299 }, (_, index) => `tenants/t${index}/dev.yaml`),
      "values-only",
    ],
    ["ahead", Array.from({ length: 300 }, (_, index) => `tenants/t${index}/dev.yaml`), "newer"],
    ["behind", ["src/main.ts"], "older"],
    ["behind", [values], "older"],
    ["identical", [], "same"],
    ["diverged", [], "unordered"],
  ] as const)("%s by %j is %s", ([status, files, relation]) => {
    expect(compare({ status, files })).toBe(relation);
  });

  it("does not know what it cannot compare", () => {
    expect(orderByAncestry(aPair(), { status: "unknown" }, bringsNothing)).toMatchObject({
      relation: "unordered",
      reason: "revision-unknown",
    });
  });

  it("counts every path where the code lives in a repository of its own", () => {
    const order = orderByAncestry(aPair(), { status: "ahead", files: [values] }, null);
    expect(order.relation).toBe("newer");
  });

  it.for([
    ["a", "b", 60, 30, "newer"],
    ["a", "b", 30, 60, "older"],
    ["a", "b", 30, 30, "same"],
    ["a", "b", null, 30, "same"],
    ["a", "a", 60, 30, "same"],
    ["a", null, 60, 30, "same"],
  ] as const)("one revision built as %s and %s, %s and %s minutes ago, is %s", (row) => {
    const [one, other, first, second, relation] = row;
    const pair = aPair({
      from: anArtifact("v1", { digest: digest(one) }),
      to: anArtifact("v1", { digest: other === null ? null : digest(other) }),
      published: { from: first === null ? null : before(first), to: before(second) },
    });
    expect(orderByAncestry(pair, { status: "identical", files: [] }, null).relation).toBe(relation);
  });
});

describe("semver", () => {
  it.for([
    ["1.2.3", "1.2.4", "newer"],
    ["1.10.0", "1.9.0", "older"],
    ["v1.2.3", "1.2.3", "same"],
    ["1.2.3-rc.1", "1.2.3", "newer"],
    ["1.2.3-rc.10", "1.2.3-rc.9", "older"],
    ["1.2", "1.2.1", "unordered"],
    ["1.2.3", "1234567", "unordered"],
    ["1.2.3", "20240101", "unordered"],
    ["01.2.3", "1.2.4", "unordered"],
    ["1.2.3", "release-1.2.4", "unordered"],
    ["1.2.3", "1.2.4.5", "unordered"],
    ["latest", "1.2.3", "unordered"],
  ] as const)("%s → %s is %s", ([from, to, relation]) => {
    const pair = aPair({ from: anArtifact(from), to: anArtifact(to) });
    expect(orderBySemver(pair).relation).toBe(relation);
  });
});

describe("publication", () => {
  it.for([
    [60, 30, "newer"],
    [30, 60, "older"],
    [30, 30, "unordered"],
    [null, 30, "unordered"],
    [30, null, "unordered"],
  ] as const)("pushed %s and %s minutes ago is %s", ([from, to, relation]) => {
    const time = (minutes: number | null) => (minutes === null ? null : before(minutes));
    const pair = aPair({
      from: anArtifact("v1", { digest: digest("a") }),
      to: anArtifact("v2", { digest: digest("b") }),
      published: { from: time(from), to: time(to) },
    });
    expect(orderByPublication(pair).relation).toBe(relation);
  });

  it("knows the same image without any time", () => {
    expect(orderByPublication(aPair({ to: anArtifact("v1") })).relation).toBe("same");
  });
});
