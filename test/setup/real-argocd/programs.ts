import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Programs that run beside us, each with its log in one folder; all end when `stop` is called. */
export type Programs = {
  readonly directory: string;
  start(
    name: string,
    program: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): ChildProcess;
  stop(): Promise<void>;
};

export function programsIn(directory: string): Programs {
  const running: { name: string; child: ChildProcess; ended: Promise<void> }[] = [];
  let stopping = false;
  // Whoever started them may fall over: nothing of it is left behind.
  process.once("exit", () => {
    for (const { child } of running) child.kill("SIGKILL");
  });
  return {
    directory,
    start(name, program, args, env = {}) {
      const child = spawn(program, args, {
        cwd: directory,
        env: { ...process.env, ...env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const log = createWriteStream(join(directory, `${name}.log`), { flags: "a" });
      child.stdout.pipe(log);
      child.stderr.pipe(log);
      const ended = new Promise<void>((resolve) => {
        child.once("error", (error) => {
          process.stderr.write(`${name}: ${error.message}\n`);
          resolve();
        });
        child.once("exit", (code, signal) => {
          if (!stopping) process.stderr.write(`${name} ended by itself (${code ?? signal})\n`);
          resolve();
        });
      });
      running.push({ name, child, ended });
      return child;
    },
    async stop() {
      stopping = true;
      // The last that was started goes first: whoever asks the others ends before them.
      for (const { child, ended } of running.toReversed()) {
        child.kill("SIGTERM");
        const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
        await ended;
        clearTimeout(late);
      }
    },
  };
}

/** Looks until it holds; throws with what was waited for. */
export async function until(what: string, look: () => Promise<boolean>, ms = 120_000) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    if (await look().catch(() => false)) return;
    await pause(250);
  }
  throw new Error(`waited ${ms / 1000} s in vain for ${what}`);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
