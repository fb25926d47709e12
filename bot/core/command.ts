import { readApproveCommand, type ApproveCommand } from "./command-approve.ts";
import {
  misread,
  readCommandOptions,
  type CommandOptions,
  type KnownNames,
  type Misread,
} from "./command-options.ts";
import { readStopCommand, type StopCommand } from "./command-stop.ts";
import { commands, type CommandName } from "./command-table.ts";
import { oneSlipAway, quoted } from "./nearest.ts";

/** Commands that move something, and can be told what. */
type Mover = "promote" | "rollback";

/** What a person asks Sluice to do. */
export type Command =
  | ({ readonly name: Mover } & CommandOptions)
  | StopCommand
  | ApproveCommand
  | { readonly name: Exclude<CommandName, Mover | "approve" | StopCommand["name"]> };

export type ParsedCommand =
  /** Not addressed to Sluice: stay silent. */
  | { readonly kind: "none" }
  | { readonly kind: "command"; readonly command: Command }
  /** Addressed to Sluice and not understood; `nearest` is what was probably meant. */
  | Misread;

/** Longer than any command with the longest names; what is longer is none. In characters. */
const longestLine = 1000;

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
  if (isMover(command.name)) {
    const read = readCommandOptions(values, known, command);
    if (read.kind !== "options") return read;
    return { kind: "command", command: { name: command.name, ...read.options } };
  }
  if (isStop(command.name)) {
    return readStopCommand(values, known, { name: command.name, usage: command.usage });
  }
  if (command.name === "approve") return readApproveCommand(values, command.usage);
  if (values.length > 0) {
    return misread("wrong-arguments", `\`${command.usage}\` stands alone on its line.`);
  }
  return { kind: "command", command: { name: command.name } };
}

/** Is it addressed to Sluice and wrong, whatever names the policy has? */
export function isUnreadable(body: string): boolean {
  const parsed = parseCommand(body, { environments: [], services: [] });
  return parsed.kind === "not-understood" && parsed.reason !== "unknown-name";
}

/** Does the command stop something, set it going again, or only look? */
export function isStopCommand(command: Command): command is StopCommand {
  return isStop(command.name);
}

/** Asks for a text alone, and for one that takes long to make. */
export function isLookCommand({ name }: Command): boolean {
  return name === "status" || name === "plan";
}

function commandLine(body: string): string | null {
  const first = body.split(/\r\n|\r|\n/).find((line) => /[^ \t]/.test(line));
  // Four spaces or a tab make a code block.
  if (first === undefined || /^(?: {4}| {0,3}\t)/.test(first)) return null;
  const line = first.replace(/^ {0,3}/, "").replace(/[ \t]+$/, "");
  const bare = /^`([^`]+)`$/.exec(line)?.[1]?.replace(/^ +| +$/g, "") ?? line;
  return bare.startsWith("/") ? bare : null;
}

/** Other bots have commands of their own: only what one slip makes of one of ours is answered. */
function unknownCommand(name: string): ParsedCommand {
  if (name === "" || name.length > 30) return { kind: "none" };
  const meant = oneSlipAway(
    name,
    commands.map((command) => command.name),
  );
  if (meant === null) return { kind: "none" };
  return misread("unknown-command", `There is no command ${quoted(`/${name}`)}.`, `/${meant}`);
}

const stopNames: readonly StopCommand["name"][] = [
  "hold",
  "resume",
  "freeze",
  "unfreeze",
  "status",
  "plan",
];

function isStop(name: string): name is StopCommand["name"] {
  return stopNames.some((one) => one === name);
}

function isMover(name: string): name is Mover {
  return name === "promote" || name === "rollback";
}

/** Not `toLowerCase`: that makes a plain k of the Kelvin sign. */
function asciiLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
