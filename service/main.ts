import { destination, pino } from "pino";

import { createMetrics } from "./metrics.ts";
import { startService } from "./server.ts";
import { readSettings } from "./settings.ts";
import { createTracing } from "./tracing.ts";

/** Longer than the longest `/work`, shorter than Kubernetes' 30 s before it kills. */
const STOP_LIMIT_MS = 15_000;

const read = readSettings(process.env);
if (!read.ok) {
  for (const problem of read.problems) console.error(problem);
  process.exit(1);
}
const { settings } = read;
const { tenant, environment, version } = settings;
const log = pino(
  {
    level: settings.logLevel,
    base: { tenant, environment, version },
    formatters: { level: (label) => ({ level: label }) },
  },
  destination({ sync: true }),
);
const tracing = await createTracing(settings);
const service = await startService({ settings, metrics: createMetrics(settings), tracing, log });

let stopping = false;
async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, "stopping");
  setTimeout(() => {
    log.warn("requests were still in flight at the stop limit");
    process.exit(1);
  }, STOP_LIMIT_MS).unref();
  await service.stop();
  await tracing.stop();
  log.info("stopped");
  process.exit(0);
}
process.on("SIGTERM", (signal) => void stop(signal));
process.on("SIGINT", (signal) => void stop(signal));
