import { resolve } from "node:path";

import { down } from "./down.ts";
import { createRun, StepError } from "./run.ts";
import { readTree } from "./tree.ts";
import { up } from "./up.ts";
import { verify } from "./verify.ts";

/** `npm run cluster -- up|verify|down`: a cluster on this machine, to try the whole platform on. */
const usage = `Usage: npm run cluster -- up|verify|down
  up      makes the cluster, or goes on where it was left
  verify  asks pods, applications, metrics, logs and datasources, and says what is not well
  down    takes it all away
`;

const root = resolve(import.meta.dirname, "..");
const run = createRun(root);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const commands: Readonly<Record<string, () => Promise<boolean | void>>> = {
  up: () => up({ run, tree: readTree(root), say }),
  verify: () => verify(run, say),
  down: () => down(run, say),
};

const [name = "", ...more] = process.argv.slice(2);
const command = more.length === 0 && Object.hasOwn(commands, name) ? commands[name] : undefined;
if (command === undefined) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else
  try {
    if ((await command()) === false) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
