import { existsSync } from "node:fs";
import { join } from "node:path";

import type { FailedJobs } from "#adapters/bullmq/failed-jobs.ts";
import { openQueue, type QueueSettings } from "#adapters/bullmq/open-queue.ts";
import { createPrometheusMeter } from "#adapters/prometheus/prometheus-meter.ts";
import { createTracer } from "#adapters/system/otel-tracer.ts";
import { createPinoLog } from "#adapters/system/pino-log.ts";
import { createRedact } from "#adapters/system/redact.ts";
import { Fault, messageOf } from "#core/error.ts";

import { printJob, printJobs } from "./print-jobs.ts";
import { readTextFile, SettingsSource } from "./settings-source.ts";
import { settingsTable } from "./settings-table.ts";

/**
 * `npm run jobs -- list | show <job> | replay <job>… | replay --all`: the jobs that failed for good, on the queue that
 * the bot is set to. Exit code 0: done; 1: could not be done; 2: wrong usage.
 */
const usage = `Usage:
  npm run jobs -- list             the jobs that failed for good, newest first
  npm run jobs -- show <job>       one of them, with every attempt's error
  npm run jobs -- replay <job>…    run them again
  npm run jobs -- replay --all     run all of them again
`;

process.exitCode = await main(process.argv.slice(2));

async function main(words: readonly string[]): Promise<number> {
  const [verb, ...ids] = words;
  const isRight =
    (verb === "list" && ids.length === 0) ||
    (verb === "show" && ids.length === 1) ||
    (verb === "replay" && ids.length > 0);
  if (!isRight) {
    process.stderr.write(usage);
    return 2;
  }
  const source = new SettingsSource(process.env, readTextFile);
  const settings = readQueueSettings(source);
  if (settings === null) {
    process.stderr.write(source.problems.map((problem) => `${problem}\n`).join(""));
    return 1;
  }
  const redact = createRedact([...source.secrets]);
  try {
    const text = await withQueue(settings, redact, (failed) => answer(failed, verb ?? "", ids));
    process.stdout.write(redact(text.out));
    process.stderr.write(redact(text.err));
    return text.err === "" ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${redact(messageOf(error))}\n${remedy(error, settings)}`);
    return 1;
  }
}

/** Only the settings of the queue: whoever looks at jobs need not have the App's key at hand. */
function readQueueSettings(source: SettingsSource): QueueSettings | null {
  const redisUrl = source.read(settingsTable.redisUrl);
  const databaseUrl = source.read(settingsTable.databaseUrl);
  const dataDir = source.read(settingsTable.dataDir);
  if (redisUrl !== null && databaseUrl !== null) {
    source.problems.push("REDIS_URL and DATABASE_URL are both set: keep the one that the bot has.");
  }
  if (source.problems.length > 0) return null;
  if (redisUrl !== null) return { kind: "redis", url: redisUrl };
  if (databaseUrl !== null) return { kind: "postgres", url: databaseUrl };
  if (dataDir !== null && existsSync(join(dataDir, "queue"))) return { kind: "embedded", dataDir };
  source.problems.push(
    `There is no queue in ${dataDir ?? "DATA_DIR"}: set REDIS_URL, DATABASE_URL or DATA_DIR as the bot has it.`,
  );
  return null;
}

async function withQueue<T>(
  settings: QueueSettings,
  redact: (text: string) => string,
  work: (failed: FailedJobs) => Promise<T>,
): Promise<T> {
  const opened = await openQueue(settings, {
    log: createPinoLog({ level: "silent", redact }),
    meter: createPrometheusMeter({ version: "" }, { processMetrics: false }),
    tracer: await createTracer({ endpoint: null, version: "", redact }),
    redact,
  });
  try {
    await opened.ready();
    return await work(opened.failed);
  } finally {
    await opened.close(1_000);
  }
}

async function answer(
  failed: FailedJobs,
  verb: string,
  ids: readonly string[],
): Promise<{ out: string; err: string }> {
  if (verb === "list") return { out: printJobs(await failed.list()), err: "" };
  if (verb === "show") {
    const job = await failed.show(ids[0] ?? "");
    return job === null ? { out: "", err: absent(ids[0] ?? "") } : { out: printJob(job), err: "" };
  }
  const wanted = ids.includes("--all") ? (await failed.list()).map((job) => job.id) : ids;
  let out = "";
  let err = "";
  for (const id of wanted) {
    if (await failed.replay(id)) out += `${id} runs again.\n`;
    else err += absent(id);
  }
  return { out: wanted.length === 0 ? "No job has failed.\n" : out, err };
}

function absent(id: string): string {
  return `There is no failed job ${id}: npm run jobs -- list names those that there are.\n`;
}

function remedy(error: unknown, settings: QueueSettings): string {
  if (!(error instanceof Fault) || error.code !== "queue.directory-in-use") return "";
  const place = settings.kind === "embedded" ? settings.dataDir : "DATA_DIR";
  return `The embedded queue in ${place} belongs to the running bot alone: stop the bot, run this again, then start the bot. Jobs wait meanwhile; nothing is lost.\n`;
}
