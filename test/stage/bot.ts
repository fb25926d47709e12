import { createServer } from "node:net";
import { resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { startProgram, type Program } from "./start-process.ts";

const mainFile = resolve(import.meta.dirname, "../../bot/main.ts");

/** The bot as a process of its own: it can be killed at any moment and started again on the same port. */
export type Bot = {
  readonly url: string;
  /** Every line that it has logged since its first start. */
  readonly lines: string[];
  pid(): number;
  start(): Promise<void>;
  stop(): Promise<number | null>;
  kill(): Promise<void>;
};

/** Starts the bot and waits until it is ready. */
export async function startBot(
  env: Readonly<Record<string, string>>,
  onLine?: (line: string) => void,
): Promise<Bot> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const lines: string[] = [];
  let program: Program | null = null;

  async function start(): Promise<void> {
    const started = await startProgram(mainFile, [], {
      env: { HOST: "127.0.0.1", PORT: String(port), ...env },
      accept: (line) => (line.includes('"listening"') ? true : null),
      onLine: (line) => {
        lines.push(line);
        onLine?.(line);
      },
    });
    program = started.program;
    await ready(url);
  }

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    const running = program;
    program = null;
    return running === null ? null : running.stop(signal);
  }

  await start();
  return {
    url,
    lines,
    pid: () => program?.child.pid ?? 0,
    start,
    stop: () => end("SIGTERM"),
    kill: async () => {
      await end("SIGKILL");
    },
  };
}

async function ready(url: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    try {
      if ((await fetch(`${url}/readyz`)).status === 200) return;
    } catch {
      // It has told that it listens; a connection may still be refused for a moment.
    }
    await pause(25);
  }
  throw new Error(`${url}/readyz did not turn 200`);
}

/** A port that the system has free now: it must stay the same over restarts, so the bot cannot choose it itself. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise<void>((done) => server.close(() => done()));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
