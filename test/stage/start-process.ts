import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

const endWithParent = new URL("end-with-parent.ts", import.meta.url).href;

/** A program of this repository that runs beside us. */
export type Program = {
  readonly child: ChildProcess;
  /** Everything that it has written to standard error and, after its first line, to standard output. */
  readonly output: string[];
  /** Ends it; `SIGKILL` as a crash would. Resolves with the exit code, null after a signal. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

/**
 * Starts a TypeScript program and waits for the first line of standard output that `accept` takes. Throws with what it
 * wrote when it ends before.
 */
export async function startProgram<T>(
  file: string,
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly accept: (line: string) => T | null;
    readonly onLine?: (line: string) => void;
  },
): Promise<{ program: Program; first: T }> {
  const child = spawn(process.execPath, ["--import", endWithParent, file, ...args], {
    env: { ...cleanEnvironment(), ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output: string[] = [];
  let asked = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code, signal) => {
      // Whoever talks to it next sees a refused connection only. An interrupt at the terminal is for all of us.
      if (!asked && code !== 0 && signal !== "SIGINT")
        process.stderr.write(
          `${file} ended by itself (${code ?? signal}):\n${output.slice(-25).join("\n")}\n`,
        );
      resolve(code);
    });
  });
  const program: Program = {
    child,
    output,
    stop: (signal = "SIGTERM") => {
      asked = true;
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return exited;
    },
  };
  const first = await new Promise<T>((resolve, reject) => {
    const read = (line: string) => {
      output.push(line);
      if (output.length > 5000) output.splice(0, 1000);
      options.onLine?.(line);
      const accepted = options.accept(line);
      if (accepted !== null) resolve(accepted);
    };
    createInterface({ input: child.stdout }).on("line", read);
    createInterface({ input: child.stderr }).on("line", (line) => {
      output.push(line);
      options.onLine?.(line);
    });
    child.once("error", reject);
    void exited.then((code) =>
      reject(new Error(`${file} ended with ${code} before it was ready:\n${output.join("\n")}`)),
    );
  });
  return { program, first };
}

/** Accepts the first line that is a JSON object, as the simulators print it. */
export function jsonLine<T>(line: string): T | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as T;
  } catch {
    return null;
  }
}

/** Settings of whoever runs us must not reach the bot under test. */
function cleanEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "TMPDIR", "LANG", "CI", "REDIS_SERVER"];
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
