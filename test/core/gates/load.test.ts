import { describe, expect, it } from "vitest";

import type { LoadPolicy } from "#core/gate-policy.ts";
import { judgeGates } from "#core/gates/all.ts";
import { loadKey, type LoadRecord, type LoadState } from "#core/load.ts";
import type { Verification } from "#core/verification.ts";

import { anArtifact, anEnvironment, before } from "../../builders.ts";
import { loadFigures } from "../load-figures.ts";
import { aGateContext, aPlaceBefore, judge, show } from "./judge.ts";

const policy: LoadPolicy = {
  kind: "load",
  durationMs: 30_000,
  warmUpMs: 5_000,
  connections: 10,
  paths: ["/work"],
  max: { p95: 0.5 },
  min: {},
};
const environment = anEnvironment("prod", { gates: [policy] });
const record: LoadRecord = {
  key: loadKey(policy),
  environment: "staging",
  tenant: "a",
  attempt: 1,
  at: "2026-03-02T11:00:00.000Z",
  figures: loadFigures,
};
const done = (change: Partial<LoadRecord["figures"]>, at = before(60)): LoadState => ({
  kind: "done",
  record: { ...record, at: at.toISOString(), figures: { ...loadFigures, ...change } },
});

describe("load", () => {
  it.for<[string, LoadState, string]>([
    ["under way", { kind: "running" }, "pending running"],
    ["not to begin yet", { kind: "waiting", sentence: "Not there." }, "pending not-there"],
    ["no setting", { kind: "not-configured" }, "failed not-configured"],
    ["borne", done({}), "passed within-bounds"],
    ["too slow", done({ p95: 0.6 }), "failed above-maximum"],
    ["no answers", done({ successRate: 0 }), "failed no-answers"],
  ])("%s", ([, load, expected]) => {
    expect(show(judge("load", { environment }, { load }))).toBe(expected);
  });

  it("what was measured goes along", () => {
    const [said] = judge("load", { environment }, { load: done({ p95: 0.6 }) });
    expect(said?.load?.figures.p95).toBe(0.6);
    expect(said?.sentence).toBe("Under load, demo-api in staging: p95 is 0.6 s, above 0.5 s.");
  });

  it("is looked at again when what nobody measured is driven again", () => {
    const gates = [{ ...policy, max: { cpu: 1 } }];
    const asked = { environment: anEnvironment("prod", { gates }) };
    const [said] = judge("load", asked, { load: done({ cpu: null }, before(1)) });
    expect(said).toMatchObject({ status: "pending", reason: "not-measured", again: before(-4) });
    const [late] = judge("load", asked, { load: done({ cpu: null }, before(60)) });
    expect(late?.again).toEqual(before(-1));
    expect(judge("load", asked, { load: done({ cpu: 2 }) })[0]?.again).toBeUndefined();
  });

  it("begins with the pull request", () => {
    expect(show(judge("load", { environment, open: null }))).toBe("pending not-begun");
  });

  it("what no longer runs there cannot be driven, and what was measured stands", () => {
    const artifact = anArtifact("v3");
    const moved = { environment, artifact };
    expect(show(judge("load", moved, { load: { kind: "running" } }))).toBe(
      "failed upstream-moved-on",
    );
    expect(show(judge("load", moved, { load: done({}) }))).toBe("passed within-bounds");
  });

  it("nothing comes before the first environment", () => {
    expect(show(judge("load", { environment, upstream: [] }))).toBe("skipped first-environment");
  });

  it("whoever is pinned is not driven: what comes before them is", () => {
    const pinned = aPlaceBefore("staging", { kind: "nothing-moves" });
    const alone = { environment, upstream: [pinned] };
    expect(show(judge("load", alone))).toBe("skipped nothing-moves");
    const dev = aPlaceBefore("dev", { kind: "verified", since: before(120) });
    const [said] = judge("load", { environment, upstream: [dev, pinned] });
    expect(said?.sentence).toBe("demo-api in dev is driven for 35s.");
  });

  it("drives the first who was verified on the artifact, and nobody before that", () => {
    const asked = (verification: Verification) => {
      const place = aPlaceBefore("staging", verification);
      const { questions } = judgeGates(aGateContext({ environment, upstream: [place] }));
      const loads = questions.flatMap((one) => (one.kind === "load" ? [one.target?.tenant] : []));
      return [...loads, show(judge("load", { environment, upstream: [place] }))];
    };
    const since = before(120);
    expect(asked({ kind: "verified", since })).toEqual(["a", "pending running"]);
    expect(asked({ kind: "verified", since, failures: ["a"] })).toEqual(["b", "pending running"]);
    const unverified = { kind: "missing", tenants: ["a"] } as const;
    expect(asked(unverified)).toEqual([undefined, "pending not-verified"]);
  });

  it("does not apply where the policy asks for none", () => {
    const upstream = [aPlaceBefore("staging", { kind: "no-targets" })];
    expect(judge("load", { upstream })).toEqual([]);
  });
});
