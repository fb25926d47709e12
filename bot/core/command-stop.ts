import { misread, unknownName, wrong, type KnownNames, type Misread } from "./command-options.ts";
import { readMoment } from "./moment.ts";
import { nearest } from "./nearest.ts";

/** Commands that stop something, set it going again, or only look. Null: what the place says that they stand in. */
export type StopCommand =
  | {
      readonly name: "hold";
      readonly environment: string | null;
      readonly service: string | null;
      readonly reason: string;
      readonly dryRun: boolean;
    }
  | {
      readonly name: "freeze";
      readonly environment: string;
      /** Null: until somebody lifts it. */
      readonly until: Date | null;
      readonly reason: string;
      readonly dryRun: boolean;
    }
  | {
      readonly name: "resume";
      readonly environment: string | null;
      readonly service: string | null;
    }
  | { readonly name: "unfreeze"; readonly environment: string | null }
  | LookCommand;

/** Commands that change nothing. */
export type LookCommand = {
  readonly name: "status" | "plan";
  readonly environment: string | null;
};

type Row = { readonly name: StopCommand["name"]; readonly usage: string };

/** Reads what stands behind the word of such a command. */
export function readStopCommand(
  words: readonly string[],
  known: KnownNames,
  { name, usage }: Row,
): { readonly kind: "command"; readonly command: StopCommand } | Misread {
  const read = readHead(words, known, { name, usage });
  if (read.kind === "not-understood") return read;
  const { environment, service, dryRun, rest } = read;
  switch (name) {
    case "hold":
      return command({ name, environment, service, dryRun, reason: rest.join(" ") });
    case "freeze":
      return readFreeze({ environment, dryRun, rest }, usage);
    case "resume":
      return rest[0] === undefined
        ? command({ name, environment, service })
        : wrong(usage, rest[0]);
    case "unfreeze":
    case "status":
    case "plan":
      return rest[0] === undefined ? command({ name, environment }) : wrong(usage, rest[0]);
  }
}

function command(read: StopCommand) {
  return { kind: "command", command: read } as const;
}

function readFreeze(
  { environment, dryRun, rest }: Pick<Head, "environment" | "dryRun" | "rest">,
  usage: string,
): ReturnType<typeof readStopCommand> {
  if (environment === null)
    return misread("wrong-arguments", `Which environment is to be frozen? Write \`${usage}\`.`);
  let until: Date | null = null;
  let words = rest;
  if (words[0]?.toLowerCase() === "until") {
    const moment = readMoment(words.slice(1));
    if (moment.kind === "unreadable") return misread("wrong-arguments", moment.sentence);
    until = moment.at;
    words = words.slice(1 + moment.words);
  }
  const reason = words.join(" ");
  if (reason === "")
    return misread("wrong-arguments", `Say why, for those who find it frozen: write \`${usage}\`.`);
  return command({ name: "freeze", environment, until, reason, dryRun });
}

type Head = {
  readonly kind: "head";
  readonly environment: string | null;
  readonly service: string | null;
  readonly dryRun: boolean;
  /** What stands behind it: free text, or nothing. */
  readonly rest: readonly string[];
};

/** Options and the environment stand first, in any order; where free text begins, everything is text. */
function readHead(
  words: readonly string[],
  known: KnownNames,
  { name, usage }: Row,
): Head | Misread {
  let environment: string | null = null;
  let service: string | null = null;
  let dryRun = false;
  const left = words.flatMap((word) =>
    word.startsWith("--service=") ? ["--service", word.slice("--service=".length)] : [word],
  );
  const text = name === "hold" || name === "freeze";
  for (;;) {
    const word = left[0];
    if (word === undefined) break;
    if (word === "--dry-run" && text && !dryRun) dryRun = true;
    else if (word === "--service" && (name === "hold" || name === "resume") && service === null) {
      const named = left[1];
      if (named === undefined) return wrong(usage, word);
      if (!known.services.includes(named)) return unknownName("service", named, known.services);
      service = named;
      left.shift();
    } else if (word.startsWith("--")) return wrong(usage, word);
    else if (environment === null && known.environments.includes(word)) environment = word;
    else if (environment === null && (!text || name === "freeze" || isNearly(word, known)))
      return unknownName("environment", word, known.environments);
    else break;
    left.shift();
  }
  return { kind: "head", environment, service, dryRun, rest: left };
}

/** Where a reason may stand as well, only what is nearly the name of an environment is taken for one. */
function isNearly(word: string, { environments }: KnownNames): boolean {
  return nearest(word, environments) !== null;
}
