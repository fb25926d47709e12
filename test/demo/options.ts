import { parseArgs } from "node:util";

export const scenarios = [
  "happy",
  "bad-image",
  "slow",
  "revert",
  "rollback",
  "freeze",
  "hotfix",
  "thousand",
] as const;
export type Scenario = (typeof scenarios)[number];

/** More tenants than this have pods on paper only: a process for each would need gigabytes. */
export const mostRealTenants = 20;

/** With fewer, a ring of `--scenario thousand` would be empty, and stop those after it. */
const leastInFourRings = 5;

export const usage = `npm run demo -- [options]: one image's way from its registry event to prod

  --tenants N       1 to 1000 tenants, each in dev, staging and prod; default 3, real processes up to ${mostRealTenants}
  --scenario NAME   happy      the image arrives in prod: in the canary first, then in the rest (default)
                    bad-image  it crashes: the line stops in dev, staging and prod are never touched
                    slow       every rollout takes its time
                    revert     somebody reverts the prod pull request: prod runs the old image again, and stays there
                    rollback   somebody writes /rollback there: a pull request of its own takes prod back at once
                    freeze     prod is frozen while an image waits for it, and thaws again
                    hotfix     a fix cannot wait: somebody merges by hand, and what was left out is named
                    thousand   1,000 tenants in four rings of prod, one after the other by themselves
  --once            nobody has to press anything; it ends by itself, and its last line is JSON
  --verbose         the bot's own log beside the story
  --help            this
`;

export type DemoOptions = {
  readonly tenants: number;
  readonly scenario: Scenario;
  /** Nobody sits in front of it: a scripted person writes `/promote`, and it ends by itself. */
  readonly once: boolean;
  /** Prints the bot's own log beside the story. */
  readonly verbose: boolean;
};

type Read =
  | { readonly kind: "options"; readonly options: DemoOptions }
  | { readonly kind: "help" }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** Reads the command line; everything that is wrong with it comes back as sentences. */
export function readOptions(args: readonly string[]): Read {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        tenants: { type: "string" },
        scenario: { type: "string", default: "happy" },
        once: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    return { kind: "invalid", problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values.help) return { kind: "help" };
  const problems: string[] = [];
  const written = values.tenants ?? (values.scenario === "thousand" ? "1000" : "3");
  const tenants = /^\d+$/.test(written) ? Number(written) : 0;
  if (tenants < 1 || tenants > 1000)
    problems.push(`--tenants takes a whole number from 1 to 1000, not "${written}".`);
  else if (values.scenario === "thousand" && tenants < leastInFourRings)
    problems.push(
      `--scenario thousand needs at least ${leastInFourRings} tenants for its four rings.`,
    );
  const scenario = scenarios.find((one) => one === values.scenario);
  if (scenario === undefined)
    problems.push(`--scenario takes ${scenarios.join(", ")}, not "${values.scenario}".`);
  if (problems.length > 0 || scenario === undefined) return { kind: "invalid", problems };
  return {
    kind: "options",
    options: { tenants, scenario, once: values.once, verbose: values.verbose },
  };
}
