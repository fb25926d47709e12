import { availableParallelism, cpus, loadavg } from "node:os";
import { styleText } from "node:util";

import { findRedis } from "../setup/find-redis.ts";
import { commands } from "./commands/commands.ts";
import { deliveries } from "./deliveries/deliveries.ts";
import { reaches, type Figure, type Part } from "./figure.ts";
import { readOptions } from "./options.ts";
import { plan } from "./plan/plan.ts";
import { progressLine } from "./progress.ts";
import { requests } from "./requests/requests.ts";
import { start } from "./start.ts";
import { tableOf } from "./table.ts";
import { values } from "./values.ts";

/**
 * `npm run bench`: what Sluice costs and how fast it is, each figure beside what it must reach. Not a test: a target
 * that is missed is shown and nothing more; the exit code is 1 only when a part could not be measured.
 */
const parts: readonly Part[] = [plan, values, deliveries, start, requests, commands];

const read = readOptions(
  process.argv.slice(2),
  parts.map((part) => part.name),
);
if (read.kind === "invalid") {
  for (const problem of read.problems) process.stderr.write(`${problem}\n`);
  process.exit(2);
}
const { options } = read;
const machine = {
  cores: availableParallelism(),
  cpu: cpus()[0]?.model ?? "unknown",
  node: process.version,
  /** Of the last minute: beyond the number of cores, times and ratios say more of the machine than of Sluice. */
  load: loadavg()[0] ?? 0,
};
process.stdout.write(`${machine.cores} cores, ${machine.cpu}, Node ${machine.node}\n`);
if (machine.load > machine.cores)
  process.stdout.write(
    `The machine is busy (load ${machine.load.toFixed(1)}): counts hold, times and ratios mean little.\n`,
  );

const redis = await findRedis();
const measured: { part: string; figure: Figure }[] = [];
const failed: { part: string; error: string }[] = [];
for (const part of parts.filter(({ name }) => options.parts.includes(name))) {
  process.stdout.write(`\n${styleText("bold", part.name)}: ${part.about}\n`);
  const line = progressLine(process.stdout);
  const started = performance.now();
  try {
    const figures = await part.measure({ progress: line.show, redis });
    line.clear();
    process.stdout.write(`${tableOf(figures)}\n`);
    measured.push(...figures.map((figure) => ({ part: part.name, figure })));
  } catch (error) {
    line.clear();
    const reason = error instanceof Error ? error.message : String(error);
    failed.push({ part: part.name, error: reason });
    process.stdout.write(`${styleText("red", `could not be measured: ${reason}`)}\n`);
  }
  process.stdout.write(
    styleText("dim", `(${((performance.now() - started) / 1000).toFixed(0)} s)\n`),
  );
}

const missed = measured.filter(({ figure }) => reaches(figure) === false);
process.stdout.write(`\n${summary()}\n`);
if (options.json)
  process.stdout.write(
    `${JSON.stringify({
      machine,
      figures: measured.map(({ part, figure }) => ({ part, ...figure, ok: reaches(figure) })),
      missed: missed.length,
      failed,
    })}\n`,
  );
process.exit(failed.length === 0 ? 0 : 1);

function summary(): string {
  const bound = measured.filter(({ figure }) => figure.bound !== null).length;
  const lines = [`${bound - missed.length} of ${bound} targets reached`];
  for (const { part, figure } of missed) lines.push(`  missed: ${part}: ${figure.what}`);
  for (const { part, error } of failed) lines.push(`  not measured: ${part}: ${error}`);
  return lines.join("\n");
}
