import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../../service/main.ts", import.meta.url));

function launch(environment: Record<string, string>) {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env["PATH"], HOST: "127.0.0.1", PORT: "0", ...environment },
  });
  const port = new Promise<number>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const entry = JSON.parse(line) as { msg: string; port: number };
      if (entry.msg === "listening") resolve(entry.port);
    });
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  const exit = once(child, "close").then(([code]) => code as number);
  return { child, port, exit, errors: () => errors };
}

describe("the service as a process", () => {
  it("ends with 1 and names every bad setting", async () => {
    const { exit, errors } = launch({ FAIL_RATE: "often", PORT: "-2" });
    expect(await exit).toBe(1);
    expect(errors()).toMatch(/FAIL_RATE/);
    expect(errors()).toMatch(/PORT/);
  });

  it("on SIGTERM is no longer ready, answers what is in flight and ends with 0", async () => {
    const { child, port, exit } = launch({});
    const url = `http://127.0.0.1:${await port}`;
    const slow = fetch(`${url}/work?ms=900`).then((response) => response.status);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
    child.kill("SIGTERM");
    await expect
      .poll(async () => (await fetch(`${url}/readyz`)).status, { interval: 20 })
      .toBe(503);
    expect(await slow).toBe(200);
    expect(await exit).toBe(0);
  });
});
