import { describe, expect, it } from "vitest";

import type { Artifact } from "#core/artifact.ts";
import type { Policy } from "#core/policy.ts";
import { stayOf } from "#core/stay.ts";

import { aPolicy, anArtifact } from "../builders.ts";

const place = { environment: "prod", service: "demo-api", tenant: "eu-1" };
const everywhere = { service: null, environment: null };
const v1 = anArtifact("v1");

function stays(
  written: Partial<Pick<Policy, "pins" | "excluded">>,
  marks: { pin?: string; exclude?: string } = {},
  held: Artifact | null = v1,
) {
  return stayOf(aPolicy(written), place, held, { pin: "", exclude: "", ...marks });
}

describe("the policy", () => {
  it.for<{ service: string | null; environment: string | null; tenants: string[]; taken: boolean }>(
    [
      { ...everywhere, tenants: ["eu-1"], taken: true },
      { ...everywhere, tenants: ["us-*", "eu-*"], taken: true },
      { ...everywhere, tenants: ["eu"], taken: false },
      { service: "demo-api", environment: "prod", tenants: ["*"], taken: true },
      { service: "web", environment: null, tenants: ["*"], taken: false },
      { service: null, environment: "dev", tenants: ["*"], taken: false },
    ],
  )("$tenants in $environment, $service: $taken", ({ taken, ...written }) => {
    const excluded = [{ ...written, reason: "legacy" }];
    expect(stays({ excluded })?.kind).toBe(taken ? "excluded" : undefined);
    const pins = [{ ...written, reason: "legacy", tag: "v1", digest: null }];
    expect(stays({ pins })?.kind).toBe(taken ? "pinned" : undefined);
  });

  it("says why, and what lets it move again", () => {
    const all = { ...everywhere, tenants: ["*"] };
    const excluded = [{ ...all, reason: "it is being closed down" }];
    expect(stays({ excluded })?.sentence).toMatchInlineSnapshot(
      `"Excluded by the policy: it is being closed down. Take it out of "excluded" there to let it move again."`,
    );
    const pin = { ...all, reason: "contract", tag: "v1", digest: null };
    expect(stays({ pins: [pin] })?.sentence).toMatchInlineSnapshot(
      `"Pinned to v1 by the policy: contract. Take it out of "pins" there to let it move again."`,
    );
    expect(stays({ pins: [pin] }, {}, anArtifact("v2"))?.sentence).toMatchInlineSnapshot(
      `"Pinned to v1 by the policy: contract. It holds v2 though: write the artifact into its file. Take it out of "pins" there to let it move again."`,
    );
    expect(stays({ pins: [pin] }, {}, null)?.sentence).not.toContain("though");
    const digest = `sha256:${"a".repeat(64)}`;
    const byDigest = [{ ...pin, tag: null, digest }];
    expect(stays({ pins: byDigest }, {}, { ...v1, digest })?.sentence).not.toContain("though");
    expect(stays({ pins: byDigest })?.sentence).toContain("though");
  });
});

describe("the values file", () => {
  it.for<{ pin?: string; exclude?: string; kind: string | undefined }>([
    { kind: undefined },
    { pin: "false", exclude: "no", kind: undefined },
    { pin: "true", kind: "pinned" },
    { pin: "v1", kind: "pinned" },
    { exclude: "true", kind: "excluded" },
    { exclude: "yes", pin: "true", kind: "excluded" },
    // Nobody wants one moved who may have been meant to stay.
    { exclude: "for now", kind: "excluded" },
  ])("pin: $pin, exclude: $exclude: $kind", ({ kind, ...marks }) => {
    expect(stays({}, marks)?.kind).toBe(kind);
  });

  it("says so", () => {
    expect(stays({}, { exclude: "true" })?.sentence).toMatchInlineSnapshot(
      `"Excluded by its values file (sluice.exclude). Remove that line to let it move again."`,
    );
    expect(stays({}, { exclude: "for now" })?.sentence).toMatchInlineSnapshot(
      `"Excluded by its values file (sluice.exclude, which says "for now" there instead of true or false). Remove that line to let it move again."`,
    );
    expect(stays({}, { pin: "true" })?.sentence).toMatchInlineSnapshot(
      `"Pinned by its values file (sluice.pin). Remove that line to let it move again."`,
    );
    expect(stays({}, { pin: "v2" })?.sentence).toMatchInlineSnapshot(
      `"Pinned to v2 by its values file (sluice.pin). It holds v1 though: write the artifact into its file. Remove that line to let it move again."`,
    );
    // A number that looks like a tag is none.
    expect(stays({}, { pin: "v2" }, { ...v1, tag: "" })?.sentence).toContain(
      "It holds something else though",
    );
  });
});
