import { describe, expect, it } from "vitest";

import { renderGroupCheck, type GroupVerdict } from "#core/check-run-group.ts";

const passed: GroupVerdict = { kind: "passed" };
const other: GroupVerdict = { kind: "not-a-promotion" };
const held: GroupVerdict = { kind: "held", sentence: "prod is frozen by dana." };

describe("sluice/gates on a merge group", () => {
  it.for([
    [[passed], "success", "Ready to merge"],
    [[passed, other], "success", "Ready to merge"],
    [[other], "neutral", "Not a promotion"],
    [[other, other], "neutral", "Not a promotion"],
    [[held], "failure", "Not now: #1: prod is frozen by dana."],
    [[passed, held], "failure", "Not now: #2: prod is frozen by dana."],
    [[other, held, passed], "failure", "Not now: #2: prod is frozen by dana."],
  ] as const)("of %j is %s", ([verdicts, conclusion, title]) => {
    const members = verdicts.map((verdict, index) => ({ number: index + 1, verdict }));
    const check = renderGroupCheck(members);
    expect([check.status, check.conclusion, check.title]).toEqual(["completed", conclusion, title]);
    expect(check.summary).not.toBe("");
  });

  it("names every pull request", () => {
    const members = [passed, held, other].map((verdict, index) => ({ number: index + 1, verdict }));
    expect(renderGroupCheck(members).summary).toMatchInlineSnapshot(`
      "A promotion in this merge group does not pass its gates now.

      | Pull request | State | Why |
      | --- | --- | --- |
      | #1 | passed | Every gate has passed. |
      | #2 | failed | prod is frozen by dana. |
      | #3 | neutral | Not a promotion. |

      **Next:** GitHub takes it out of the queue; Sluice puts it in again once its gates have passed."
    `);
  });
});
