import { expect } from "vitest";

import type { Application } from "./application.ts";
import type { FixtureRepository } from "./fixture-repository.ts";
import { createFixtureRepository } from "./fixture-repository.ts";
import type { ArgocdSimulator, ArgocdSimulatorOptions } from "./server.ts";
import { startArgocdSimulator } from "./server.ts";
import type { TimelineEntry } from "./store.ts";

/** `expect.poll` with a limit that a busy machine keeps. */
export function poll<T>(read: () => T) {
  return expect.poll(read, { timeout: 10_000, interval: 10 });
}

type Answer = { status: number; type: string; text: string; json: never };

/** A simulator on a small repository of its own, and a client that sees it only through HTTP. */
export type Bench = {
  simulator: ArgocdSimulator;
  repository: FixtureRepository;
  firstSha: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  app(name: string): Promise<Application>;
  /** Waits for an entry of the timeline, which also keeps states too short to be polled. */
  step(name: string, holds: (step: TimelineEntry) => boolean): Promise<TimelineEntry>;
  /** Polls a live GET until it holds; fails with the last object seen. */
  until(name: string, holds: (app: Application) => boolean, ms?: number): Promise<Application>;
  /** Fails when the simulator broke one of its own invariants meanwhile. */
  close(): Promise<void>;
};

type CallOptions = {
  body?: unknown;
  headers?: Record<string, string>;
  token?: string | null;
};

export function values(tag: string, extra = ""): string {
  return `image:\n  repository: ghcr.io/acme/demo-api\n  tag: ${tag}\n${extra}`;
}

const TENANT_APPS: ArgocdSimulatorOptions["apps"] = ["dev", "staging", "prod"].map(
  (environment) => ({
    name: `tenant-a-${environment}`,
    project: environment,
    tenant: "tenant-a",
    environment,
    automated: environment !== "prod",
    valueFiles: [`gitops/tenants/tenant-a/${environment}.yaml`],
  }),
);

export async function startBench(
  options: Partial<ArgocdSimulatorOptions> & { files?: Record<string, string> } = {},
): Promise<Bench> {
  const { files, ...rest } = options;
  const repository = await createFixtureRepository();
  const firstSha = await repository.commit(
    files ?? {
      "gitops/tenants/tenant-a/dev.yaml": values("sha-0000001"),
      "gitops/tenants/tenant-a/staging.yaml": values("sha-0000001"),
      "gitops/tenants/tenant-a/prod.yaml": values("sha-0000001"),
    },
  );
  const simulator = await startArgocdSimulator({
    git: repository.url,
    apps: TENANT_APPS,
    speed: 20,
    ...rest,
  });

  async function call(method: string, path: string, given: CallOptions = {}): Promise<Answer> {
    const token = given.token === undefined ? simulator.token : given.token;
    const response = await fetch(`${simulator.url}${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(method === "GET" ? {} : { "content-type": "application/json" }),
        ...given.headers,
      },
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    });
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    const json = (type.startsWith("application/json") ? JSON.parse(text) : undefined) as never;
    return { status: response.status, type, text, json };
  }

  async function app(name: string): Promise<Application> {
    return (await call("GET", `/api/v1/applications/${name}`)).json;
  }

  return {
    simulator,
    repository,
    firstSha,
    call,
    app,
    async step(name, holds) {
      let found: TimelineEntry | undefined;
      await poll(() => {
        found = simulator.admin.timeline(name).find(holds);
        return found;
      }).toBeDefined();
      return found!;
    },
    async until(name, holds, ms = 10_000) {
      const end = Date.now() + ms;
      for (;;) {
        const seen = await app(name);
        // An application that is not there yet answers with an error.
        if (seen.metadata !== undefined && holds(seen)) return seen;
        if (Date.now() > end) throw new Error(`${name} never got there: ${JSON.stringify(seen)}`);
        await new Promise((resolve) => {
          setTimeout(resolve, 10);
        });
      }
    },
    async close() {
      await simulator.close();
      await repository.close();
      const problems = [...simulator.admin.violations(), ...simulator.admin.errors()];
      if (problems.length > 0)
        throw new Error(`the simulator broke a rule:\n${problems.join("\n")}`);
    },
  };
}

export function isSettled(app: Application, revision?: string): boolean {
  const { sync, health, operationState } = app.status;
  return (
    app.operation === undefined &&
    sync.status === "Synced" &&
    health.status === "Healthy" &&
    (revision === undefined || sync.revision === revision) &&
    (operationState === undefined || operationState.phase === "Succeeded")
  );
}
