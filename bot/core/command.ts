import { commands, type BuiltCommandName, type UnbuiltCommandName } from "./command-table.ts";
import { nearest, quoted } from "./nearest.ts";

/** What a person asks Sluice to do. Null: what the pull request is about. */
export type Command =
  | {
      readonly name: "promote";
      readonly environment: string | null;
      readonly service: string | null;
    }
  | { readonly name: Exclude<BuiltCommandName, "promote"> };

export type ParsedCommand =
  /** Not addressed to Sluice: stay silent. */
  | { readonly kind: "none" }
  | { readonly kind: "command"; readonly command: Command }
  | { readonly kind: "not-built"; readonly name: UnbuiltCommandName }
  /** Addressed to Sluice and not understood; `nearest` is what was probably meant. */
  | {
      readonly kind: "not-understood";
      readonly reason: "unknown-command" | "unknown-name" | "wrong-arguments";
      readonly sentence: string;
      readonly nearest: string | null;
    };

/** The names that a command may use; both from the policy. */
export type KnownNames = {
  readonly environments: readonly string[];
  readonly services: readonly string[];
};

/** Longer than any command with the longest names; what is longer is none. In characters. */
const longestLine = 300;

/**
 * Reads a comment: only its first line that is not empty, and only when it begins with a slash. Quotes, code blocks and
 * HTML comments are not read. The command's word may be written in any case and the line between one pair of backticks;
 * names are taken as they are. Letters that merely look like others are never taken for them.
 */
export function parseCommand(body: string, known: KnownNames): ParsedCommand {
  const line = commandLine(body);
  if (line === null) return { kind: "none" };
  const [word = "", ...values] = line.split(/[ \t]+/);
  const name = word.slice(1);
  const command = commands.find((one) => one.name === asciiLowerCase(name));
  if (command === undefined) return unknownCommand(name);
  if (line.length > longestLine) {
    return misread("wrong-arguments", `The line is too long: write \`${command.usage}\`.`);
  }
  if (!command.built) return { kind: "not-built", name: command.name };
  if (command.name === "promote") return readPromote(values, known, command.usage);
  if (values.length > 0) {
    return misread("wrong-arguments", `\`${command.usage}\` stands alone on its line.`);
  }
  return { kind: "command", command: { name: command.name } };
}

function commandLine(body: string): string | null {
  const first = body.split(/\r\n|\r|\n/).find((line) => /[^ \t]/.test(line));
  // Four spaces or a tab make a code block.
  if (first === undefined || /^(?: {4}| {0,3}\t)/.test(first)) return null;
  const line = first.replace(/^ {0,3}/, "").replace(/[ \t]+$/, "");
  const bare = /^`([^`]+)`$/.exec(line)?.[1]?.replace(/^ +| +$/g, "") ?? line;
  return bare.startsWith("/") ? bare : null;
}

/** Other bots have commands of their own: only what is nearly one of ours is answered. */
function unknownCommand(name: string): ParsedCommand {
  if (name === "" || name.length > 30) return { kind: "none" };
  const meant = nearest(
    name,
    commands.map((command) => command.name),
  );
  if (meant === null) return { kind: "none" };
  return misread("unknown-command", `There is no command ${quoted(`/${name}`)}.`, `/${meant}`);
}

function readPromote(values: readonly string[], known: KnownNames, usage: string): ParsedCommand {
  let environment: string | null = null;
  let service: string | null = null;
  const rest = values.flatMap((value) =>
    value.startsWith("--service=") ? ["--service", value.slice("--service=".length)] : [value],
  );
  for (let index = 0; index < rest.length; index += 1) {
    const value = rest[index] ?? "";
    if (value === "--service") {
      index += 1;
      const named = rest[index];
      if (named === undefined || service !== null) return wrong(usage, value);
      if (!known.services.includes(named)) return unknownName("service", named, known.services);
      service = named;
    } else if (value.startsWith("-") || environment !== null) {
      return wrong(usage, value);
    } else if (known.environments.includes(value)) {
      environment = value;
    } else {
      return unknownName("environment", value, known.environments);
    }
  }
  return { kind: "command", command: { name: "promote", environment, service } };
}

function unknownName(noun: string, name: string, names: readonly string[]): ParsedCommand {
  return misread(
    "unknown-name",
    `The policy has no ${noun} ${quoted(name)}; it has ${names.map(quoted).join(", ")}.`,
    nearest(name, names),
  );
}

function wrong(usage: string, value: string): ParsedCommand {
  return misread(
    "wrong-arguments",
    `${quoted(value)} is not understood there: write \`${usage}\`.`,
  );
}

function misread(
  reason: Extract<ParsedCommand, { kind: "not-understood" }>["reason"],
  sentence: string,
  meant: string | null = null,
): ParsedCommand {
  return { kind: "not-understood", reason, sentence, nearest: meant };
}

/** Not `toLowerCase`: that makes a plain k of the Kelvin sign. */
function asciiLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
