import { isTag } from "./artifact.ts";
import { nearest, quoted } from "./nearest.ts";

/** What the commands that move something can be told. Null: what the pull request is about, or everything. */
export type CommandOptions = {
  readonly environment: string | null;
  readonly service: string | null;
  /** A tag. */
  readonly to: string | null;
  /** Names, or patterns with `*`. */
  readonly tenants: readonly string[] | null;
  /** Say what would happen, and do nothing. */
  readonly dryRun: boolean;
};

export type OptionName = "service" | "to" | "tenants" | "dry-run";

/** The names that a command may use; both from the policy. */
export type KnownNames = {
  readonly environments: readonly string[];
  readonly services: readonly string[];
};

/** What cannot be read, and what was probably meant. */
export type Misread = {
  readonly kind: "not-understood";
  readonly reason: "unknown-command" | "unknown-name" | "wrong-arguments";
  readonly sentence: string;
  readonly nearest: string | null;
};

export type ReadOptions = { readonly kind: "options"; readonly options: CommandOptions } | Misread;

const nothing: CommandOptions = {
  environment: null,
  service: null,
  to: null,
  tenants: null,
  dryRun: false,
};

/** A name of RFC 1123, or a pattern of such names. */
const tenantPattern = /^[a-z0-9*]([a-z0-9*-]{0,61}[a-z0-9*])?$/;

/**
 * Reads what stands behind a command's word: `[environment]`, and of `--service s`, `--to tag`, `--tenants a,b-*` and
 * `--dry-run` those that the command takes, in any order, each once, with a space or an equals sign.
 */
export function readCommandOptions(
  words: readonly string[],
  known: KnownNames,
  command: { readonly usage: string; readonly options: readonly OptionName[] },
): ReadOptions {
  let options = nothing;
  const rest = words.flatMap(splitAtEquals);
  const seen = new Set<string>();
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    if (!word.startsWith("-")) {
      if (options.environment !== null) return wrong(command.usage, word);
      if (!known.environments.includes(word))
        return unknownName("environment", word, known.environments);
      options = { ...options, environment: word };
      continue;
    }
    const name = command.options.find((one) => `--${one}` === word);
    if (name === undefined) return unknownOption(word, command);
    if (seen.has(name)) return wrong(command.usage, word);
    seen.add(name);
    if (name === "dry-run") {
      options = { ...options, dryRun: true };
      continue;
    }
    const value = rest.shift();
    if (value === undefined || value === "") return wrong(command.usage, word);
    const read = readValue(name, value, known);
    if ("kind" in read) return read;
    options = { ...options, ...read };
  }
  return { kind: "options", options };
}

function splitAtEquals(word: string): string[] {
  const [, name, value] = /^(--[a-z-]+)=(.*)$/.exec(word) ?? [];
  return name === undefined || value === undefined ? [word] : [name, value];
}

function readValue(
  name: Exclude<OptionName, "dry-run">,
  value: string,
  known: KnownNames,
): Partial<CommandOptions> | Misread {
  switch (name) {
    case "service":
      if (!known.services.includes(value)) return unknownName("service", value, known.services);
      return { service: value };
    case "to":
      if (!isTag(value))
        return misread("wrong-arguments", `${quoted(value)} is no tag that a registry could hold.`);
      return { to: value };
    case "tenants": {
      const tenants = value.split(",");
      const bad = tenants.find((tenant) => !tenantPattern.test(tenant));
      if (bad !== undefined)
        return misread(
          "wrong-arguments",
          `${quoted(bad)} is no name of a tenant: write names or patterns with a comma between them, as in \`--tenants tenant-a,eu-*\`.`,
        );
      return { tenants };
    }
  }
}

function unknownOption(
  word: string,
  { usage, options }: Parameters<typeof readCommandOptions>[2],
): Misread {
  const meant = nearest(
    word,
    options.map((one) => `--${one}`),
  );
  const sentence = `${quoted(word)} is not understood there: write \`${usage}\`.`;
  return misread("wrong-arguments", sentence, meant);
}

export function unknownName(noun: string, name: string, names: readonly string[]): Misread {
  return misread(
    "unknown-name",
    `The policy has no ${noun} ${quoted(name)}; it has ${names.map(quoted).join(", ")}.`,
    nearest(name, names),
  );
}

export function wrong(usage: string, value: string): Misread {
  return misread(
    "wrong-arguments",
    `${quoted(value)} is not understood there: write \`${usage}\`.`,
  );
}

export function misread(
  reason: Misread["reason"],
  sentence: string,
  meant: string | null = null,
): Misread {
  return { kind: "not-understood", reason, sentence, nearest: meant };
}
