import { spawn } from "node:child_process";

export type Command = readonly [program: string, ...words: string[]];

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

/** Runs a program to its end, in the repository's folder; 127 where there is no such program, as in a shell. */
export type Run = (command: Command, options?: RunOptions) => Promise<Ran>;

export type RunOptions = {
  readonly input?: string;
  /** Seconds until it is ended; 120 where nothing is said. */
  readonly within?: number;
};

export function createRun(directory: string): Run {
  return ([program, ...rest], { input, within = 120 } = {}) => {
    const { promise, resolve } = Promise.withResolvers<Ran>();
    const child = spawn(program, rest, {
      cwd: directory,
      timeout: within * 1_000,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    child.once("error", (error: NodeJS.ErrnoException) =>
      resolve({ code: error.code === "ENOENT" ? 127 : 126, out, err: error.message }),
    );
    child.once("close", (code, signal) =>
      resolve({
        code: code ?? 1,
        out,
        err: signal === null ? err : `${err}\nended after ${within} s`,
      }),
    );
    // A program that ends without reading all of it says so by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
    return promise;
  };
}

/** A command from its words, and from those that have spaces in them: `words("sh -c", script)`. */
export function words(plain: string, ...whole: readonly string[]): Command {
  const [program = "", ...rest] = plain.split(" ");
  return [program, ...rest, ...whole];
}

/** A command as a person would type it. */
export function shown(command: Command): string {
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}

/** What went wrong in a step, and what to do: people read it instead of a stack. */
export class StepError extends Error {
  override readonly name = "StepError";
}

/** The output of a command that has to succeed; throws with its own words where it does not. */
export async function must(run: Run, command: Command, options?: RunOptions): Promise<string> {
  const { code, out, err } = await run(command, options);
  if (code === 0) return out;
  throw new StepError(`${shown(command)}\nended with ${code}: ${err.trim() || out.trim()}`);
}
