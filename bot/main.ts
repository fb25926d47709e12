import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";

import { connectArgocd } from "#adapters/argocd/connect-argocd.ts";
import { connectAutocannon } from "#adapters/autocannon/connect-autocannon.ts";
import { openQueue, type OpenQueue } from "#adapters/bullmq/open-queue.ts";
import { connectGitHub } from "#adapters/github/connect-github.ts";
import { handledEvents } from "#adapters/github/handled-events.ts";
import type { Edge } from "#adapters/http/edge-settings.ts";
import { startEdge } from "#adapters/http/start-edge.ts";
import { connectPrometheus } from "#adapters/prometheus/connect-prometheus.ts";
import { createPrometheusMeter } from "#adapters/prometheus/prometheus-meter.ts";
import { connectRegistries } from "#adapters/registries/connect-registries.ts";
import { connectSigstore } from "#adapters/sigstore/connect-sigstore.ts";
import { createTracer } from "#adapters/system/otel-tracer.ts";
import { createPinoLog } from "#adapters/system/pino-log.ts";
import { createRedact } from "#adapters/system/redact.ts";
import { systemClock } from "#adapters/system/system-clock.ts";
import { messageOf } from "#core/error.ts";
import type { Deps } from "#flow/deps.ts";
import { jobHandlers } from "#flow/handle-jobs.ts";
import { reportFailedJob } from "#flow/report-failed-job.ts";

import { connectNotifier } from "./connect-notifier.ts";
import { deliveryReaders } from "./read-deliveries.ts";
import { redactOutgoing } from "./redact-outgoing.ts";
import { readTextFile } from "./settings-source.ts";
import { readSettings, type Settings } from "./settings.ts";
import { startSweeping } from "./start-sweeping.ts";

/**
 * Start here: settings → adapters → flow. Receiver: the HTTP edge. Worker: the jobs and the timer that sweeps. A stop
 * takes no new work, lets what runs finish or hands it back, and ends within `stopWithin`.
 */
const stopWithinMs = 20_000;

const read = readSettings(process.env, readTextFile);
if (read.kind === "invalid") {
  process.stderr.write("Sluice cannot start:\n");
  for (const problem of read.problems) process.stderr.write(`  - ${problem}\n`);
  process.stderr.write("See .env.example for every setting.\n");
  process.exit(1);
}
try {
  await run(read.settings);
} catch (error) {
  process.stderr.write(`Sluice cannot start: ${messageOf(error)}\n`);
  process.exit(1);
}

async function run(settings: Settings): Promise<void> {
  // V8 lets the heap grow before it cleans up: with a thousand tenants that is three times the memory. A receiver,
  // which keeps nothing, is faster that way.
  if (settings.role !== "receiver") setFlagsFromString("--optimize-for-size");
  const version = readVersion();
  const redact = createRedact(settings.secrets);
  const tracer = await createTracer({ endpoint: settings.otlpEndpoint, version, redact });
  const log = createPinoLog({
    level: settings.logLevel,
    redact,
    context: () => tracer.logContext(),
  });
  const meter = createPrometheusMeter({ version });
  const clock = systemClock;
  const opened = await openQueue(settings.queue, { log, meter, tracer, redact });
  const { queue, facts } = opened;
  // What is short may be an ordinary word as well, and must not tear our own texts.
  const redactWords = createRedact(settings.secrets.filter((secret) => secret.length >= 12));
  const github = connectGitHub({
    ...settings.github,
    sealSecret: settings.http.webhookSecret,
    facts,
    log,
    meter,
    tracer,
    clock,
  });
  const host = redactOutgoing(github, redactWords);
  const { argocd: instances } = settings;
  const deployers = connectArgocd({ instances, log, meter, tracer, clock, redact: redactWords });
  const registry = connectRegistries({ ...settings.registries, log });
  const measurements = connectPrometheus({
    url: settings.prometheusUrl,
    log,
    tracer,
    redact: redactWords,
  });
  const notifier = connectNotifier(settings.notify, redactWords);
  const attestations = connectSigstore({ trustedRoot: settings.sigstoreTrustedRoot });
  const load = connectAutocannon({ template: settings.loadUrlTemplate });
  const outside = { host, registry, deployers, measurements, attestations, load, notifier };
  const deps: Deps = { ...outside, queue, facts, clock, log, meter, tracer };

  const edge = await startEdge(settings.http, {
    addDelivery: (job) => queue.addDelivery(job),
    handledEvents: new Set(Object.keys(handledEvents)),
    ready: () => opened.ready(),
    metrics: async () => {
      await opened.stats().catch(() => undefined);
      return meter.expose();
    },
    log,
    meter,
    tracer,
  });
  const sweeping =
    settings.role === "receiver" ? null : startSweeping(deps, settings.sweepIntervalMs);
  if (settings.role !== "receiver")
    opened.startWorkers(jobHandlers(deps, deliveryReaders({ ...settings.github, log })), {
      onFailed: (failure) => reportFailedJob(deps, failure),
    });
  log.info(
    { url: edge.url, role: settings.role, queue: settings.queue.kind, version },
    "listening",
  );
  await inspectDeployers(deps);
  stopOnSignal({ edge, opened, sweeping, tracer, log });
}

/** What somebody should mend in Argo CD is said once, at start. */
async function inspectDeployers({ deployers, log }: Deps): Promise<void> {
  for (const name of deployers.names()) {
    try {
      const report = await deployers.instance(name)?.inspect(AbortSignal.timeout(10_000));
      for (const { severity, sentence } of report?.problems ?? [])
        log.warn({ argocd: name, severity, remedy: sentence }, "Argo CD should be looked at");
    } catch (error) {
      log.warn({ argocd: name, error: messageOf(error) }, "Argo CD does not answer yet");
    }
  }
}

function stopOnSignal(running: {
  edge: Edge;
  opened: OpenQueue;
  sweeping: { stop(): Promise<void> } | null;
  tracer: { stop(deadlineMs: number): Promise<void> };
  log: Deps["log"];
}): void {
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    running.log.info({ signal }, "stopping");
    const late = setTimeout(() => process.exit(1), stopWithinMs + 2_000);
    late.unref();
    await running.edge.close(5_000);
    await running.sweeping?.stop();
    await running.opened.close(stopWithinMs - 6_000);
    await running.tracer.stop(1_000);
    running.log.info({}, "stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => {
      stop(signal).catch((error: unknown) => {
        running.log.error({ err: error }, "stopping failed");
        process.exit(1);
      });
    });
}

function readVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return String((JSON.parse(text) as { version: unknown }).version);
}
