import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findRedis } from "./setup/find-redis.ts";

/**
 * `npm test`: finds or installs what the tests need, runs everything, and closes with one plain line of counts.
 * Arguments go to vitest: `npm test -- --project unit`.
 */
type Summary = {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTotalTests: number;
};

const redis = await findRedis();
if (redis === null)
  process.stdout.write(
    "\n!!! No redis-server was found and none could be installed: the queue suite runs on the\n" +
      "!!! embedded backend only. Install Redis 6.2 or newer to run all of it.\n\n",
  );

const directory = await mkdtemp(join(tmpdir(), "sluice-test-"));
const report = join(directory, "report.json");
const status = await run("vitest", [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${report}`,
  ...process.argv.slice(2),
]);
const summary = await readSummary(report);
await rm(directory, { recursive: true });
if (summary === null || summary.numTotalTests === 0) {
  process.stdout.write("no test ran\n0 passed, 1 failed, 0 skipped\n");
  process.exit(1);
}
const { numPassedTests, numFailedTests, numPendingTests } = summary;
// A file that could not even be loaded fails the run without failing a test.
const failed = status !== 0 && numFailedTests === 0 ? 1 : numFailedTests;
process.stdout.write(`${numPassedTests} passed, ${failed} failed, ${numPendingTests} skipped\n`);
process.exit(failed === 0 ? 0 : 1);

async function readSummary(file: string): Promise<Summary | null> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Summary;
  } catch {
    return null;
  }
}

function run(command: string, args: readonly string[]): Promise<number> {
  const env = redis === null ? process.env : { ...process.env, REDIS_SERVER: redis };
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", env });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
