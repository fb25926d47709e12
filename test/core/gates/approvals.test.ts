import { describe, expect, it } from "vitest";

import type { Review } from "#core/approval.ts";
import type { ApprovalsPolicy } from "#core/gate-policy.ts";
import type { Consent, OpenPromotion } from "#core/plan-types.ts";

import { anArtifact, anEnvironment, anOpenPromotion, before } from "../../builders.ts";
import type { Oracle } from "../../oracle.ts";
import { judge, show } from "./judge.ts";

function environment(change: Partial<ApprovalsPolicy> = {}) {
  const gate = { kind: "approvals", count: 1, teams: [], people: [], distinct: false } as const;
  return anEnvironment("prod", { gates: [{ ...gate, ...change }] });
}

function review(by: string, state: Review["state"], change: Partial<Review> = {}): Review {
  return { by, byBot: false, state, head: "head-7", at: before(5), ...change };
}

function consent(by: string, head = "head-7"): Consent {
  return { by, at: before(5), head };
}

function approvals(
  policy: Partial<ApprovalsPolicy>,
  oracle: Oracle,
  open: Partial<OpenPromotion> | null = {},
) {
  return judge(
    "approvals",
    {
      environment: environment(policy),
      open: open === null ? null : anOpenPromotion(anArtifact("v2"), open),
    },
    oracle,
  );
}

describe("who counts", () => {
  it.for([
    ["nobody has said anything", [], "pending approvals-missing"],
    ["a person approved this head", [review("dana", "approved")], "passed approved"],
    [
      "the head has moved since",
      [review("dana", "approved", { head: "head-6" })],
      "pending approvals-missing",
    ],
    [
      "an App approved",
      [review("a[bot]", "approved", { byBot: true })],
      "pending approvals-missing",
    ],
    ["somebody who may not", [review("mallory", "approved")], "pending approvals-missing"],
    ["the author of the change", [review("anna", "approved")], "pending approvals-missing"],
    ["the author, spelt otherwise", [review("Anna", "approved")], "pending approvals-missing"],
    ["only a comment", [review("dana", "commented")], "pending approvals-missing"],
    [
      "a comment after the approval",
      [review("dana", "approved"), review("dana", "commented")],
      "passed approved",
    ],
    [
      "changes asked for after the approval",
      [review("dana", "approved"), review("dana", "changes-requested")],
      "pending changes-requested",
    ],
    [
      "changes asked for, then approved",
      [review("dana", "changes-requested"), review("dana", "approved")],
      "passed approved",
    ],
    ["approved, then dismissed", [review("dana", "dismissed")], "pending approvals-missing"],
    [
      "changes asked for, dismissed after an approval",
      [review("dana", "approved"), review("dana", "dismissed")],
      "pending approvals-missing",
    ],
    [
      "one approved, another asked for changes",
      [review("dana", "approved"), review("erin", "changes-requested")],
      "pending changes-requested",
    ],
    [
      "changes asked for on an earlier head",
      [review("dana", "approved"), review("erin", "changes-requested", { head: "head-6" })],
      "pending changes-requested",
    ],
    [
      "changes asked for by somebody who may not",
      [review("dana", "approved"), review("mallory", "changes-requested")],
      "passed approved",
    ],
  ] as const)("%s: %s", ([, reviews, expected]) => {
    expect(show(approvals({}, { reviews, strangers: ["mallory"] }))).toBe(expected);
  });

  it("one person counts once, however they said it", () => {
    const reviews = [review("dana", "approved"), review("Dana", "approved")];
    const said = approvals({ count: 2 }, { reviews }, { consents: [consent("dana")] });
    expect(said[0]?.sentence).toBe("1 approval of 2 missing. Dana approved.");
  });

  it("two people are two", () => {
    const reviews = [review("dana", "approved"), review("erin", "approved")];
    expect(approvals({ count: 2 }, { reviews })[0]).toMatchObject({
      status: "passed",
      sentence: "Approved by dana and erin.",
      head: "head-7",
    });
  });

  it("/promote of this head is one approval, of another head none", () => {
    expect(show(approvals({}, {}, { consents: [consent("dana")] }))).toBe("passed approved");
    expect(show(approvals({}, {}, { consents: [consent("dana", "head-6")] }))).toBe(
      "pending approvals-missing",
    );
  });

  it("where distinct is set, whoever's command opened it does not count", () => {
    const asked = { requestedBy: "dana", consents: [consent("dana")] };
    const reviews = [review("Dana", "approved")];
    const [said] = approvals({ distinct: true }, { reviews }, asked);
    expect(said).toMatchObject({ status: "pending", reason: "approvals-missing" });
    expect(said?.remedy).toBe(
      "It takes somebody who may promote here other than dana: approve the pull request, or write /promote.",
    );
    const other = [review("erin", "approved")];
    expect(show(approvals({ distinct: true }, { reviews: other }, asked))).toBe("passed approved");
  });

  describe("where distinct is set and nobody's command opened it, whoever agreed first asked", () => {
    const early = { ...consent("dana"), at: before(20) };

    it.for([
      ["alone", [early], [], "pending approvals-missing"],
      [
        "alone, by a review too",
        [early],
        [review("dana", "approved")],
        "pending approvals-missing",
      ],
      ["spelt otherwise", [early], [review("Dana", "approved")], "pending approvals-missing"],
      ["with another /promote", [early, consent("erin")], [], "passed approved"],
      ["whoever is listed first", [consent("erin"), early], [], "passed approved"],
      ["with another's review", [early], [review("erin", "approved")], "passed approved"],
      [
        "of another head",
        [consent("dana", "head-6")],
        [review("dana", "approved")],
        "passed approved",
      ],
      ["reviews ask for nothing", [], [review("dana", "approved")], "passed approved"],
    ] as const)("%s: %s", ([, consents, reviews, expected]) => {
      expect(show(approvals({ distinct: true }, { reviews }, { consents }))).toBe(expected);
    });

    it("says whose word does not count, and who could give it", () => {
      const [said] = approvals({ distinct: true }, {}, { consents: [early] });
      expect(said?.sentence).toBe(
        "1 approval of 1 missing. The word of dana does not count: nobody approves what is their own or what they asked for.",
      );
      expect(said?.remedy).toBe(
        "It takes somebody who may promote here other than dana: approve the pull request, or write /promote.",
      );
    });

    it("counts the second of two, not the first", () => {
      const consents = [consent("erin"), early];
      const [said] = approvals({ distinct: true, count: 2 }, {}, { consents });
      expect(said?.sentence).toBe(
        "1 approval of 2 missing. erin approved. The word of dana does not count: nobody approves what is their own or what they asked for.",
      );
    });

    it("does not offer what would take an approval back", () => {
      const [said] = approvals({ distinct: true }, {});
      expect(said?.remedy).toBe(
        "It takes somebody who may promote here: approve the pull request. Whoever writes /promote first asks for it, and does not count.",
      );
    });
  });

  it("without a source there is no author to leave out", () => {
    const reviews = [review("anna", "approved")];
    expect(show(approvals({}, { reviews, authors: { kind: "none" } }))).toBe("passed approved");
  });

  it("while the author is not known nobody's word counts", () => {
    const reviews = [review("dana", "approved")];
    const authors = { kind: "unknown", sentence: "The source is silent." } as const;
    const [said] = approvals({}, { reviews, authors });
    expect(said).toMatchObject({ status: "pending", reason: "author-unknown" });
    expect(said?.sentence).toContain("The source is silent.");
  });
});

describe("what it says", () => {
  it("whose word could not be verified, and why", () => {
    const reviews = [review("dana", "approved"), review("mallory", "approved")];
    const oracle = { reviews, strangers: ["mallory"], unverified: ["dana"] };
    expect(approvals({ teams: ["sre"] }, oracle)[0]?.sentence).toBe(
      "1 approval of 1 missing. Nobody could say who dana is.",
    );
  });

  it("whose request for changes could not be verified", () => {
    const reviews = [review("erin", "approved"), review("dana", "changes-requested")];
    const [said] = approvals({ count: 2 }, { reviews, unverified: ["dana"] });
    expect(said?.sentence).toBe(
      "1 approval of 2 missing. erin approved. Nobody could say who dana is.",
    );
  });

  it("before there is a pull request, and asks nothing", () => {
    expect(approvals({}, {}, null)).toEqual([
      {
        gate: "approvals",
        status: "pending",
        reason: "approvals-missing",
        sentence: "1 approval of 1 missing.",
        remedy:
          "It takes somebody who may promote here: approve the pull request, or write /promote.",
        decision: true,
      },
    ]);
  });

  it("names who can lift it, and whose word did not count", () => {
    const reviews = [review("anna", "approved")];
    const [said] = approvals({ count: 2, teams: ["sre"], people: ["erin"] }, { reviews });
    expect(said?.remedy).toBe(
      "It takes one of erin and team sre: approve the pull request, or write /promote.",
    );
    expect(said?.sentence).toBe(
      "2 approvals of 2 missing. The word of anna does not count: nobody approves what is their own.",
    );
  });
});
