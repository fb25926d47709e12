import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { handleCodeload } from "./codeload.ts";
import { controlActions } from "./control/actions.ts";
import type { ControlActions } from "./control/actions.ts";
import { handleControl } from "./control/server.ts";
import { Deliveries } from "./deliveries.ts";
import { FaultPlan } from "./faults.ts";
import type { FaultRule } from "./faults.ts";
import { handleApiRequest } from "./http/api.ts";
import type { LoggedRequest } from "./http/request-log.ts";
import { Router } from "./http/router.ts";
import { documentedLimits, RateLimiter } from "./limits.ts";
import type { Limits } from "./limits.ts";
import { listen, open, shut } from "./listeners.ts";
import { handleRegistry } from "./oci/handler.ts";
import { Registry } from "./oci/registry.ts";
import { Contract } from "./openapi/contract.ts";
import type { Violation } from "./openapi/contract.ts";
import { allRoutes } from "./routes/all.ts";
import type { Seed } from "./seed.ts";
import type { Phase, Simulation } from "./simulation.ts";
import { applySeed } from "./state/apply-seed.ts";
import { keepJournal, restore } from "./state/journal.ts";
import type { Delivery } from "./state/records.ts";
import { createWorld } from "./state/world.ts";
import type { World } from "./state/world.ts";
import { handleGit, isGitPath } from "./web/git-http.ts";
import { handlePage } from "./web/pages.ts";

export type GitHubSimulatorOptions = {
  seed: Seed;
  /** 0, the default: any free port. */
  port?: number;
  controlPort?: number;
  /** Kept over restarts; left out: a temporary folder, removed on close. */
  dataDirectory?: string;
  /** Where deliveries of every App go; left out: recorded, not sent. */
  webhookUrl?: string;
  /** Milliseconds; token expiry, limits and all times follow it. */
  clock?: () => number;
  limits?: Partial<Limits>;
  /** False: nothing is held against GitHub's OpenAPI description. Default true. */
  validate?: boolean;
};

/**
 * A running simulated GitHub, in this process:
 *
 * ```ts
 * const github = await startGitHubSimulator({ seed: { owner: "acme", repositories: [{ name: "gitops", files: {} }] } });
 * github.url               // GITHUB_API_URL; the container registry is there too (`/v2/…`)
 * github.git               // `git clone ${github.git}/acme/gitops.git`; pages for people: `${github.git}/acme/gitops/pull/1`
 * github.appId, github.privateKey, github.webhookSecret, github.installationId
 * await github.act.publish({ repository: "acme/demo-api", image: "ghcr.io/acme/demo-api", tag: "sha-1a2b3c4", revision })
 * github.faults([{ method: "POST", route: "/repos/{owner}/{repo}/pulls", fault: "apply-then-502" }])
 * github.requests(); github.deliveries(); github.violations(); await github.idle()
 * await github.close()
 * ```
 */
export type GitHubSimulator = {
  url: string;
  control: string;
  git: string;
  codeload: string;
  appId: number;
  clientId: string;
  privateKey: string;
  webhookSecret: string;
  installationId: number;
  /** What people, builders and other Apps do; the same as `POST /_sim/<name>`. */
  act: ControlActions;
  /** Replaces the fault plan. */
  faults: (rules: FaultRule[]) => void;
  /** Every API request so far, or those after a number. */
  requests: (since?: number) => LoggedRequest[];
  deliveries: () => Delivery[];
  /** What did not fit GitHub's description, and defects of the simulator; a test run should end with none. */
  violations: () => Violation[];
  /** Milliseconds added to every API call. */
  latency: (milliseconds: number) => void;
  limits: (limits: Partial<Limits>) => void;
  webhook: (url: string | null) => void;
  /** Called when a request has arrived and when it was applied, before its answer; it may take its time. */
  onRequest: (listener: (phase: Phase, request: LoggedRequest) => Promise<void> | void) => void;
  /** Resolves when no delivery is under way. */
  idle: () => Promise<void>;
  world: World;
  close: () => Promise<void>;
};

export async function startGitHubSimulator(
  options: GitHubSimulatorOptions,
): Promise<GitHubSimulator> {
  const temporary = options.dataDirectory === undefined;
  const dataDirectory = options.dataDirectory ?? mkdtempSync(join(tmpdir(), "simulated-github-"));
  const world = createWorld(dataDirectory, options.clock ?? Date.now);
  const registry = new Registry();
  const restored = await restore(world, registry);
  if (!restored) await applySeed(world, options.seed);
  const app = world.tables.apps.all()[0];
  if (app === undefined) throw new Error("the seed made no App");
  const installation = world.tables.installations.find((row) => row.appId === app.id);

  const simulation = assemble(world, registry, options);
  const listeners: ((phase: Phase, request: LoggedRequest) => Promise<void> | void)[] = [];
  simulation.intercept = async (phase, request) => {
    for (const listener of listeners) await listener(phase, request);
  };
  const actions = controlActions(simulation);
  const failed = simulation.unexpected;
  const api = await listen(
    options.port ?? 0,
    (incoming, response) =>
      /^\/(?:v2(?:\/|$)|token(?:\?|$))/u.test(incoming.url ?? "")
        ? handleRegistry(simulation, incoming, response)
        : handleApiRequest(simulation, incoming, response),
    failed,
  );
  const web = await listen(
    0,
    (incoming, response) =>
      isGitPath((incoming.url ?? "").split("?")[0] ?? "")
        ? handleGit(simulation, incoming, response)
        : handlePage(simulation, incoming, response),
    failed,
  );
  const codeload = await listen(0, (i, r) => handleCodeload(simulation, i, r), failed);
  const control = await listen(
    options.controlPort ?? 0,
    (incoming, response) => handleControl(simulation, actions, incoming, response),
    failed,
  );
  world.urls = { api: api.url, web: web.url, codeload: codeload.url };
  simulation.pauseListening = (milliseconds) => {
    void shut(api.server).then(() => {
      setTimeout(() => void open(api.server, api.port).catch(failed), milliseconds).unref();
    });
  };
  const journal = temporary ? undefined : keepJournal(world, registry);

  return {
    url: api.url,
    control: control.url,
    git: web.url,
    codeload: codeload.url,
    appId: app.id,
    clientId: app.clientId,
    privateKey: app.privateKey,
    webhookSecret: app.webhookSecret,
    installationId: installation?.id ?? 0,
    act: actions,
    faults: (rules) => simulation.faults.set(rules),
    requests: (since = 0) => simulation.log.entries.filter(({ number }) => number > since),
    deliveries: () => world.tables.deliveries.all(),
    violations: () => simulation.openapi.settle(),
    latency: (milliseconds) => {
      simulation.latency.ms = milliseconds;
    },
    limits: (limits) => {
      simulation.limiter.limits = { ...simulation.limiter.limits, ...limits };
    },
    webhook: (url) => {
      simulation.deliveries.webhookUrl = url;
    },
    onRequest: (listener) => listeners.push(listener),
    idle: () => simulation.deliveries.idle(),
    world,
    close: async () => {
      await Promise.all([api, web, codeload, control].map(({ server }) => shut(server)));
      journal?.close();
      world.close();
      if (temporary) rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

function assemble(world: World, registry: Registry, options: GitHubSimulatorOptions): Simulation {
  const faults = new FaultPlan();
  const openapi = new Contract(options.validate ?? true);
  const entries: LoggedRequest[] = [];
  const deliveries = new Deliveries(world, faults, openapi);
  deliveries.webhookUrl = options.webhookUrl ?? null;
  return {
    world,
    registry,
    faults,
    openapi,
    deliveries,
    router: new Router(allRoutes),
    limiter: new RateLimiter(world.now, { ...documentedLimits, ...options.limits }),
    latency: { ms: 0 },
    log: {
      entries,
      open: (begun) => ({
        number: 0,
        status: 0,
        points: 0,
        contentCreating: false,
        bytes: 0,
        requestBytes: 0,
        milliseconds: 0,
        caller: "",
        fault: null,
        operation: null,
        ...begun,
      }),
      close: (entry) => {
        entry.number = entries.length + 1;
        entries.push(entry);
      },
    },
    intercept: () => Promise.resolve(),
    pauseListening: () => {},
    unexpected: (error) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.emitWarning(`the simulated GitHub has a defect: ${message}`);
      openapi.violations.push({
        kind: "defect",
        where: "simulator",
        status: 500,
        problems: [{ path: "", keyword: "defect", message, value: null }],
      });
    },
  };
}
