import { execFile } from "node:child_process";
import { basename } from "node:path";
import { promisify } from "node:util";

import { describe, expect, inject, it } from "vitest";

import { filesOf } from "./read-rules.ts";

const execute = promisify(execFile);
const { promtool } = inject("tools");

async function runPromtool(...words: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await execute(promtool ?? "", words, { timeout: 240_000 });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    return `FAILED\n${stdout ?? ""}${stderr ?? String(error)}`;
  }
}

describe.skipIf(promtool === null).concurrent("promtool", () => {
  const rules = filesOf("rules", ".yaml");
  const tests = filesOf("tests", ".yaml");

  it("has rules and tests to look at", () => {
    expect(rules.length).toBeGreaterThanOrEqual(5);
    expect(tests.length).toBeGreaterThanOrEqual(rules.length);
  });

  it.for(rules.map((file) => [basename(file), file] as const))("checks %s", async ([, file]) => {
    const said = await runPromtool("check", "rules", file);
    expect(said).toMatch(/SUCCESS: \d+ rules found/);
    expect(said).not.toContain("FAILED");
  });

  it.for(tests.map((file) => [basename(file), file] as const))(
    "passes %s",
    { timeout: 300_000 },
    async ([, file]) => {
      const said = await runPromtool("test", "rules", file);
      expect(said).not.toContain("FAILED");
      expect(said).toContain("SUCCESS");
    },
  );
});
