import { describe, expect, it } from "vitest";

import { byBudget, byPolicy, type Freeze } from "#core/freeze.ts";

import { before, noon } from "../../builders.ts";
import { judge } from "./judge.ts";

function aFreeze(change: Partial<Freeze> = {}): Freeze {
  return {
    environment: "prod",
    from: before(60),
    until: before(-60),
    reason: "end of year",
    by: byPolicy,
    strict: false,
    ...change,
  };
}

function frozen(...freezes: Freeze[]) {
  return judge("freeze", { freezes })[0];
}

describe("freeze", () => {
  it("is not listed where nothing freezes this environment", () => {
    expect(frozen()).toBeUndefined();
    expect(frozen(aFreeze({ environment: "dev" }))).toBeUndefined();
    expect(frozen(aFreeze({ until: noon }))).toBeUndefined();
  });

  it("holds from its first second until its last", () => {
    expect(frozen(aFreeze({ from: noon }))).toMatchObject({
      status: "pending",
      reason: "frozen",
      sentence: "prod is frozen until 2026-03-02 13:00 UTC by the policy: end of year.",
      until: before(-60),
    });
    const coming = aFreeze({ from: new Date(noon.getTime() + 1000) });
    expect(frozen(coming)).toMatchObject({
      status: "passed",
      reason: "not-frozen",
      until: coming.from,
    });
  });

  it("says when the whole chain of freezes is over", () => {
    const chain = [aFreeze(), aFreeze({ from: before(-30), until: before(-90), reason: "more" })];
    expect(frozen(...chain)?.until).toEqual(before(-90));
    const gap = [aFreeze(), aFreeze({ from: before(-61), until: before(-90) })];
    expect(frozen(...gap)?.until).toEqual(before(-60));
  });

  it("has no end where one of them has none", () => {
    const said = frozen(aFreeze(), aFreeze({ until: null, by: "dana", reason: "" }));
    expect(said?.until).toBeUndefined();
    expect(said?.sentence).toBe("prod is frozen by dana.");
    expect(said?.remedy).toBe("It stays until somebody lifts it: write /unfreeze prod.");
  });

  it("of a spent error budget is looked at again at the next full minute", () => {
    const said = frozen(aFreeze({ until: null, by: byBudget, reason: "104% is spent" }));
    expect(said?.again).toEqual(before(-1));
    expect(said?.until).toBeUndefined();
  });
});
