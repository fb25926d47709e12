import { expect, it } from "vitest";

import { checkActions, isCheckAction } from "#core/check-action.ts";

it("buttons fit into what GitHub takes, and are known again when they are pressed", () => {
  const actions = checkActions("retry", "hold", "rollback");
  expect(actions.map(({ label }) => label)).toEqual(["Retry", "Hold", "Roll back"]);
  for (const { label, description, identifier } of actions) {
    expect(label.length).toBeLessThanOrEqual(20);
    expect(description.length).toBeLessThanOrEqual(40);
    expect(identifier.length).toBeLessThanOrEqual(20);
    expect(isCheckAction(identifier)).toBe(true);
  }
  expect(["", "lgtm", "toString", "__proto__"].filter(isCheckAction)).toEqual([]);
});
