import { parseArgs } from "node:util";

export type BenchOptions = {
  /** Prints one line of JSON at the end. */
  readonly json: boolean;
  /** Names of the parts to run. */
  readonly parts: readonly string[];
};

/** Reads the command line; everything that is wrong with it comes back as sentences. */
export function readOptions(
  args: readonly string[],
  known: readonly string[],
): { kind: "options"; options: BenchOptions } | { kind: "invalid"; problems: readonly string[] } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
      },
    });
    const wanted = values.only.flatMap((names) => names.split(","));
    const problems = wanted
      .filter((name) => !known.includes(name))
      .map((name) => `--only takes ${known.join(", ")}, not ${name}.`);
    if (problems.length > 0) return { kind: "invalid", problems };
    const parts = wanted.length === 0 ? known : known.filter((name) => wanted.includes(name));
    return { kind: "options", options: { json: values.json, parts } };
  } catch (error) {
    return { kind: "invalid", problems: [error instanceof Error ? error.message : String(error)] };
  }
}
