import { connectArgocd } from "#adapters/argocd/connect-argocd.ts";
import type { Deadlines } from "#adapters/argocd/instance.ts";
import type { Application } from "#core/application.ts";
import type { ApplicationAnswer, ApplicationAt, Deployer } from "#ports/deployer.ts";

import type { ArgocdSimulatorOptions } from "../../simulators/argocd/server.ts";
import { isSettled, startBench, type Bench } from "../../simulators/argocd/test-bench.ts";
import { noMeter, noTracer, silentLog, systemClock } from "../github/support.ts";

export const dev: ApplicationAt = { name: "tenant-a-dev", namespace: "argocd", project: "dev" };
export const prod: ApplicationAt = { name: "tenant-a-prod", namespace: "argocd", project: "prod" };
export const promotionId = "abcdefghijklmnop";

/** The simulator, and a deployer that is connected to it. */
export type ArgocdBench = Bench & {
  readonly deployer: Deployer;
  /** `list 200`, in the order of the metric's counts. */
  readonly counted: string[];
  /** Another deployer to the same simulator. */
  connect(change?: { token?: string; url?: string; deadlines?: Partial<Deadlines> }): Deployer;
  /** What reached the simulator: `GET /api/v1/…`. */
  asked(operation: string): number;
};

export async function startArgocdBench(
  options: Partial<ArgocdSimulatorOptions> & {
    files?: Record<string, string>;
    deadlines?: Partial<Deadlines>;
  } = {},
): Promise<ArgocdBench> {
  const { deadlines, ...rest } = options;
  const bench = await startBench(rest);
  const counted: string[] = [];
  const connect: ArgocdBench["connect"] = (change = {}) => {
    const { url = bench.simulator.url, token = bench.simulator.token } = change;
    const instances = [{ name: "default", url, token }];
    const meter = {
      ...noMeter,
      count: (_name: string, labels: Readonly<Record<string, string>>) =>
        void counted.push(`${labels["operation"]} ${labels["code"]}`),
    };
    const deployer = connectArgocd({
      instances,
      meter,
      log: silentLog,
      tracer: noTracer,
      clock: systemClock,
      random: () => 0,
      pauses: [10, 20],
      deadlines: { ...deadlines, ...change.deadlines },
    }).instance("default");
    if (deployer === null) throw new Error("no deployer");
    return deployer;
  };
  return {
    ...bench,
    deployer: connect(),
    counted,
    connect,
    asked: (operation) =>
      bench.simulator.admin.requests().filter((request) => request.operation === operation).length,
  };
}

/** Both kinds of application are deployed and at rest. */
export async function settle(bench: Bench): Promise<void> {
  await bench.until("tenant-a-dev", isSettled);
  await bench.until("tenant-a-prod", (app) => app.status.sync.status === "OutOfSync");
}

export function found(answer: ApplicationAnswer): Application {
  if (answer.kind !== "found") throw new Error(answer.sentence);
  return answer.application;
}
