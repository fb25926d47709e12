import type { EventEmitter } from "node:events";
import { createHistogram } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";

import autocannon from "autocannon";

import type { DrivenFigures } from "#ports/load-driver.ts";

export type DriveWish = {
  readonly url: string;
  readonly durationMs: number;
  readonly warmUpMs: number;
  readonly connections: number;
  readonly paths: readonly string[];
};

/** A request that takes longer counts as a failure of the network. Seconds. */
const timeout = 10;

/** The program of a thread: drives, tells what came of it, and ends. */
if (parentPort !== null) {
  const wish = workerData as DriveWish;
  if (wish.warmUpMs > 0) await drive(wish, wish.warmUpMs);
  parentPort.postMessage(await drive(wish, wish.durationMs), []);
}

async function drive(
  { url, connections, paths }: DriveWish,
  durationMs: number,
): Promise<DrivenFigures> {
  // Whole microseconds: autocannon's own table rounds to milliseconds and has no 95th percentile.
  const times = createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 3 });
  let [answered, succeeded, errors] = [0, 0, 0];
  const started = performance.now();
  // An answer that ends its connection takes the next request with it, which was sent too early: no failure of theirs.
  let [sent, closings] = [0, 0];
  const { promise: over, resolve, reject } = Promise.withResolvers<void>();
  const run = autocannon(
    {
      url,
      connections,
      duration: durationMs / 1000,
      timeout,
      setupClient: (client) => {
        // More of its events than its types name.
        const events = client as unknown as EventEmitter;
        events.on("request", () => {
          sent += 1;
        });
        events.on("headers", ({ shouldKeepAlive }: { shouldKeepAlive: boolean }) => {
          if (!shouldKeepAlive) closings += 1;
        });
      },
      requests: [{ setupRequest: (request) => ({ ...request, path: pathOf(url, paths) }) }],
    },
    (error: unknown) => (error === null ? resolve() : reject(error)),
  );
  run.on("response", (_client, status, _bytes, milliseconds) => {
    answered += 1;
    if (status >= 200 && status < 300) succeeded += 1;
    times.record(Math.max(1, Math.round(milliseconds * 1000)));
  });
  run.on("reqError", () => {
    errors += 1;
  });
  await over;
  const seconds = (performance.now() - started) / 1000;
  const time = (microseconds: number): number | null =>
    answered === 0 ? null : microseconds / 1_000_000;
  // autocannon counts no request whose connection just ended; one a connection was under way when time was up.
  const dropped = Math.max(0, sent - answered - errors - closings - connections);
  const networkFailures = errors + dropped;
  const ended = answered + networkFailures;
  return {
    average: time(times.mean),
    p50: time(times.percentile(50)),
    p90: time(times.percentile(90)),
    p95: time(times.percentile(95)),
    p99: time(times.percentile(99)),
    maximum: time(times.max),
    successRate: ended === 0 ? null : succeeded / ended,
    requestsPerSecond: answered / seconds,
    httpFailures: answered - succeeded,
    networkFailures,
  };
}

/** One of the paths by chance, below that of the address. */
function pathOf(url: string, paths: readonly string[]): string {
  const base = new URL(url).pathname.replace(/\/+$/, "");
  return base + (paths[Math.floor(Math.random() * paths.length)] ?? "/");
}
