import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

export type RunningService = {
  readonly url: string;
  /** What it has written so far, raw; the last may still come. */
  readonly lines: readonly string[];
  /** Settles when the process has ended, with everything written. */
  stop(): Promise<void>;
};

const main = resolve(import.meta.dirname, "../../service/main.ts");

/** A real instance of service/ on loopback, as a pod would run it. */
export async function runService(
  environment: Readonly<Record<string, string>>,
): Promise<RunningService> {
  const child = spawn(process.execPath, [main], {
    env: { PATH: process.env["PATH"], HOST: "127.0.0.1", PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const lines: string[] = [];
  const { promise: port, resolve: found, reject } = Promise.withResolvers<number>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    const entry = JSON.parse(line) as { msg: string; port: number };
    if (entry.msg === "listening") found(entry.port);
  });
  void closed.then(() => reject(new Error("the service ended before it listened")));
  return {
    url: `http://127.0.0.1:${await port}`,
    lines,
    async stop() {
      child.kill("SIGTERM");
      await closed;
    },
  };
}
