import { parseArgs } from "node:util";

export const scenarios = ["happy", "bad-image", "slow", "revert"] as const;
export type Scenario = (typeof scenarios)[number];

export type DemoOptions = {
  readonly tenants: number;
  readonly scenario: Scenario;
  /** Nobody sits in front of it: a scripted person writes `/promote`, and it ends by itself. */
  readonly once: boolean;
  /** Prints the bot's own log beside the story. */
  readonly verbose: boolean;
};

/** Reads the command line; everything that is wrong with it comes back as sentences. */
export function readOptions(
  args: readonly string[],
): { kind: "options"; options: DemoOptions } | { kind: "invalid"; problems: readonly string[] } {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        tenants: { type: "string", default: "3" },
        scenario: { type: "string", default: "happy" },
        once: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    return { kind: "invalid", problems: [error instanceof Error ? error.message : String(error)] };
  }
  const problems: string[] = [];
  const tenants = Number(values.tenants);
  if (!Number.isInteger(tenants) || tenants < 1 || tenants > 1000)
    problems.push(`--tenants takes a whole number from 1 to 1000, not ${values.tenants}.`);
  const scenario = scenarios.find((one) => one === values.scenario);
  if (scenario === undefined)
    problems.push(`--scenario takes ${scenarios.join(", ")}, not ${values.scenario}.`);
  if (problems.length > 0 || scenario === undefined) return { kind: "invalid", problems };
  return {
    kind: "options",
    options: { tenants, scenario, once: values.once, verbose: values.verbose },
  };
}
