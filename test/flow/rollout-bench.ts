import { connectArgocd } from "#adapters/argocd/connect-argocd.ts";
import type { Deadlines } from "#adapters/argocd/instance.ts";
import type { Measurement } from "#core/measurement.ts";
import type { RolloutAssignment, RolloutProgress } from "#core/stream-rollout.ts";
import type { Verdict } from "#core/verdict.ts";
import { runRollout, type RolloutDeps } from "#flow/run-rollout.ts";
import { assignmentKey } from "#flow/start-rollouts.ts";
import type { CodeHost } from "#ports/code-host.ts";
import type { Facts } from "#ports/facts.ts";
import type { JobOutcome } from "#ports/job-queue.ts";

import { memoryFacts, noMeter, noTracer, silentLog } from "../adapters/github/support.ts";
import type { ArgocdSimulatorOptions } from "../simulators/argocd/server.ts";
import { startBench, values, type Bench } from "../simulators/argocd/test-bench.ts";
import { startPacedClock } from "./paced-clock.ts";
import { readRepository } from "./read-repository.ts";

const repository = "acme/platform";
const stream = { environment: "dev", service: "demo-api", ring: "all" };
const job = { installation: 1, repository, ...stream };

export type RolloutBench = Bench & {
  readonly facts: Facts;
  readonly reports: RolloutProgress[];
  readonly settled: { readonly verdict: Verdict; readonly progress: RolloutProgress }[];
  now(): Date;
  /** Changes every tenant's tag by one commit and says that a rollout of it is wanted. */
  promote(tag: string, change?: Partial<RolloutAssignment>): Promise<RolloutAssignment>;
  assign(assignment: RolloutAssignment): Promise<void>;
  tick(signal?: AbortSignal): Promise<JobOutcome>;
  /** Ticks as the queue would, until the rollout is over or `until` says so. */
  run(until?: () => boolean): Promise<Verdict | undefined>;
  deps: RolloutDeps;
  asked(operation: string, app?: string): number;
  sleep(ms: number): Promise<void>;
};

export type RolloutBenchOptions = Partial<ArgocdSimulatorOptions> & {
  readonly tenants?: number;
  readonly automated?: boolean;
  readonly wait?: boolean;
  /** Goes into the configuration of every application. */
  readonly each?: object;
  /** What Prometheus says. */
  readonly measured?: (query: string) => Measurement;
  /** Of the deployer, in real milliseconds. */
  readonly deadlines?: Partial<Deadlines>;
};

export function tenantFile(index: number): string {
  return `gitops/tenants/tenant-${index}/dev.yaml`;
}

/** Tenants in dev, deployed and at rest on sha-0000001. */
export async function startRolloutBench(options: RolloutBenchOptions = {}): Promise<RolloutBench> {
  const { tenants = 1, automated = true, wait = true, each = {}, deadlines, ...rest } = options;
  const measured = options.measured ?? (() => ({ kind: "value", value: 0 }) as const);
  const indexes = Array.from({ length: tenants }, (_, index) => index);
  // For the simulator, the deployer and the flow alike.
  const time = startPacedClock();
  const bench = await startBench({
    files: Object.fromEntries(indexes.map((index) => [tenantFile(index), values("sha-0000001")])),
    apps: indexes.map((index) => ({
      name: `tenant-${index}-dev`,
      project: "dev",
      automated,
      valueFiles: [tenantFile(index)],
      ...each,
    })),
    repoURL: `https://github.com/${repository}.git`,
    speed: 1,
    clock: time,
    ...rest,
  });
  const facts = memoryFacts();
  const reports: RolloutProgress[] = [];
  const settled: RolloutBench["settled"] = [];
  const clock = { now: () => new Date(time.now()) };
  const instances = [{ name: "default", url: bench.simulator.url, token: bench.simulator.token }];
  const deps: RolloutDeps = {
    facts,
    clock,
    log: silentLog,
    deployers: connectArgocd({
      instances,
      meter: noMeter,
      log: silentLog,
      tracer: noTracer,
      clock,
      deadlines: { refresh: 10_000, read: 10_000, list: 10_000, ...deadlines },
      pauses: [],
    }),
    host: hostOf(bench.repository.url),
    measurements: { measure: (query) => Promise.resolve(measured(query)) },
    reportProgress: (_assignment, progress) => Promise.resolve(void reports.push(progress)),
    settle: (_assignment, verdict, progress) =>
      Promise.resolve(void settled.push({ verdict, progress })),
  };

  const result: RolloutBench = {
    ...bench,
    facts,
    reports,
    settled,
    deps,
    sleep: (ms) => time.sleep(ms),
    now: () => clock.now(),
    async promote(tag, change = {}) {
      const files = indexes.map((index) => [tenantFile(index), values(tag)] as const);
      const commit = await bench.repository.commit(Object.fromEntries(files));
      const artifact = {
        repository: "ghcr.io/acme/demo-api",
        tag,
        digest: null,
        revision: null,
      };
      const assignment: RolloutAssignment = {
        installation: 1,
        repository,
        stream,
        artifact,
        commit,
        promotionId: "abcdefghijklmnop",
        targets: indexes.map((index) => ({
          ...stream,
          tenant: `tenant-${index}`,
          file: tenantFile(index),
          application: `tenant-${index}-dev`,
        })),
        values: { tag: "image.tag", digest: null },
        startedAt: clock.now().toISOString(),
        retriedAt: null,
        timeoutMs: 900_000,
        instance: "default",
        onFailure: "halt",
        source: null,
        ...change,
      };
      await result.assign(assignment);
      return assignment;
    },
    assign: (assignment) => facts.set(assignmentKey(repository, stream), assignment),
    tick: (signal = new AbortController().signal) =>
      runRollout(result.deps, job, { jobId: "1", attempt: 0, signal }),
    async run(until = () => false) {
      const before = settled.length;
      while (!until()) {
        const outcome = await result.tick();
        if (outcome.kind === "done") return settled[before]?.verdict;
        await time.sleep(Math.max(0, outcome.at.getTime() - time.now()));
      }
      return settled[before]?.verdict;
    },
    async close() {
      await bench.close();
      time.stop();
    },
    asked: (operation, app) =>
      bench.simulator.admin
        .requests()
        .filter((one) => one.operation === operation && (app === undefined || one.app === app))
        .length,
  };
  if (wait) {
    for (const index of indexes)
      await bench.until(`tenant-${index}-dev`, (app) =>
        automated ? app.status.health.status === "Healthy" : app.status.sync.status === "OutOfSync",
      );
    time.standForPrograms();
  }
  bench.simulator.admin.clearRequests();
  return result;
}

/** GitHub, as far as a rollout asks it: the repository itself, read with the `git` program. */
function hostOf(url: string): CodeHost {
  const read = readRepository(url);
  return { installation: () => ({ repository: () => read }) } as unknown as CodeHost;
}

/** The fact in which a rollout remembers its targets. */
export function stateKeyOf(): string {
  return `rollout-state/${repository}/dev/demo-api/all`;
}
