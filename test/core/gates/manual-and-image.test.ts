import { describe, expect, it } from "vitest";

import type { Approval } from "#core/approval.ts";
import type { AttestationState } from "#core/attestation.ts";
import type { GatePolicy, ImagePolicy } from "#core/gate-policy.ts";

import { anArtifact, anEnvironment, anOpenPromotion, before } from "../../builders.ts";
import { judge, show } from "./judge.ts";

describe("manual", () => {
  const gates: readonly GatePolicy[] = ["qa", "legal"].map((name) => ({
    kind: "manual",
    name,
    teams: ["sre"],
    people: [],
  }));
  const environment = anEnvironment("prod", { gates });

  function manual(...approvals: Approval[]) {
    const open = anOpenPromotion(anArtifact("v2"), { approvals });
    return judge("manual", { environment, open }, { strangers: ["mallory"] });
  }

  function approve(gate: string, by = "dana", head = "head-7"): Approval {
    return { gate, by, at: before(5), head };
  }

  it.for([
    ["nobody", [], "pending approval-missing, pending approval-missing"],
    ["one of two", [approve("qa")], "passed approved, pending approval-missing"],
    ["both", [approve("legal"), approve("qa")], "passed approved, passed approved"],
    [
      "another head",
      [approve("qa", "dana", "head-6")],
      "pending approval-missing, pending approval-missing",
    ],
    [
      "somebody who may not",
      [approve("qa", "mallory")],
      "pending approval-missing, pending approval-missing",
    ],
    [
      "somebody who may not, then one who may",
      [approve("qa", "mallory"), approve("qa")],
      "passed approved, pending approval-missing",
    ],
  ] as const)("%s: %s", ([, approvals, expected]) => {
    expect(show(manual(...approvals))).toBe(expected);
  });

  it("before there is a pull request a person is waited for", () => {
    const said = judge("manual", { environment, open: null });
    expect(said.map(({ decision }) => decision)).toEqual([true, true]);
    expect(said[0]).not.toHaveProperty("head");
  });

  it("says whose approval could not be verified", () => {
    const open = anOpenPromotion(anArtifact("v2"), { approvals: [approve("qa")] });
    const said = judge("manual", { environment, open }, { unverified: ["dana"] });
    expect(said.map(({ sentence }) => sentence)).toEqual([
      "Nobody has approved qa yet. Nobody could say who dana is.",
      "Nobody has approved legal yet.",
    ]);
  });

  it("what was said belongs to the head", () => {
    expect(manual(approve("qa"))[0]).toMatchObject({
      sentence: "dana approved qa.",
      head: "head-7",
    });
  });
});

describe("image", () => {
  function image(policy: Partial<ImagePolicy>, tag: string, digest: string | null = null) {
    const gate: ImagePolicy = { kind: "image", match: null, digest: false, ...policy };
    const environment = anEnvironment("prod", { gates: [gate] });
    return show(judge("image", { environment, artifact: anArtifact(tag, { digest }) }));
  }

  it.for([
    [{}, "v2", "passed allowed"],
    [{}, "latest", "failed latest"],
    [{ match: /latest/u }, "latest", "failed latest"],
    [{ match: /^v\d+$/u }, "v2", "passed allowed"],
    [{ match: /^v\d+$/u }, "v2-rc1", "failed tag-not-allowed"],
    [{ digest: true }, "v2", "failed digest-unknown"],
  ] as const)("%o and %s: %s", ([policy, tag, expected]) => {
    expect(image(policy, tag)).toBe(expected);
  });

  const workflow = ".github/workflows/ci.yml";
  const why = { reason: "foreign-workflow", sentence: "…", remedy: "…" };

  it.for<[string, AttestationState, string]>([
    ["attested", { kind: "attested" }, "passed attested"],
    ["not attested", { kind: "missing" }, "pending not-attested"],
    ["wrongly attested", { kind: "refused", ...why }, "failed foreign-workflow"],
    ["not to be known", { kind: "unknown", ...why }, "pending foreign-workflow"],
  ])("%s: %s", ([, attested, expected]) => {
    const gate: ImagePolicy = { kind: "image", match: null, digest: false, attestation: workflow };
    const environment = anEnvironment("prod", { gates: [gate] });
    const artifact = anArtifact("v2", { digest: "sha256:1" });
    expect(show(judge("image", { environment, artifact }, { attested }))).toBe(expected);
  });

  it("without a digest there is nothing to attest", () => {
    expect(image({ attestation: workflow }, "v2")).toBe("failed digest-unknown");
  });

  it("with a digest it passes", () => {
    expect(image({ digest: true }, "v2", "sha256:1")).toBe("passed allowed");
  });
});
