import type { CheckAction, CheckActionName } from "./check-run.ts";

/** What our buttons say. GitHub shows them below the run, in this order. */
const buttons = {
  retry: { label: "Retry", description: "Try what failed here once more" },
  hold: { label: "Hold", description: "Stop promotions of this service here" },
  rollback: { label: "Roll back", description: "Promote what was verified before" },
} as const satisfies Record<CheckActionName, Omit<CheckAction, "identifier">>;

/** The buttons of these names. */
export function checkActions(...names: readonly CheckActionName[]): readonly CheckAction[] {
  return names.map((identifier) => ({ ...buttons[identifier], identifier }));
}

export function isCheckAction(name: string): name is CheckActionName {
  return Object.hasOwn(buttons, name);
}
