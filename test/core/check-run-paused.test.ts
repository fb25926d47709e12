import { expect, it } from "vitest";

import { parseGatesRecord } from "#core/check-run-gates.ts";
import { renderPausedCheck } from "#core/check-run-paused.ts";

import { noon } from "../builders.ts";

it("asks for a person, and keeps the consents where they are found again", () => {
  const consents = [{ by: "mona", at: noon, head: "a".repeat(40) }];
  const check = renderPausedCheck({ id: "abcdefghijklmnop", consents });
  expect([check.status, check.conclusion]).toEqual(["completed", "action_required"]);
  expect(check.title).toBe("A person decides: the policy is broken");
  expect(parseGatesRecord(check.text)).toMatchObject({
    id: "abcdefghijklmnop",
    gates: [{ gate: "policy", status: "failed", reason: "policy-broken" }],
    consents,
  });
});
