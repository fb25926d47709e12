import { REFRESH_ANNOTATION } from "./application.ts";
import type { AppConfig, ParsedApps } from "./apps-file.ts";
import { createFaultBook } from "./fault-book.ts";
import { addGenerator } from "./generator.ts";
import type { GitSource } from "./git-source.ts";
import { openGitSource } from "./git-source.ts";
import { stopInstance } from "./instance.ts";
import { emptyLive } from "./live.ts";
import { newApplication } from "./new-application.ts";
import { createOperationQueue } from "./operation.ts";
import { createRefreshQueue } from "./refresh-queue.ts";
import type { Scheduler } from "./scheduler.ts";
import { createStore } from "./store.ts";
import type { Timings } from "./timings.ts";
import type { AppState, World } from "./world.ts";
import { background } from "./world.ts";

export type WorldInput = {
  scheduler: Scheduler;
  timings: Timings;
  random: () => number;
  /** What `git fetch` is given. */
  gitUrl: string;
  /** What stands in the applications' spec; the same without credentials where left out. */
  repoURL: string | undefined;
  projects: string[] | undefined;
  service: "real" | "simulated";
};

export type BuiltWorld = { world: World; closeGit: () => Promise<void> };

export function buildWorld(input: WorldInput): BuiltWorld {
  const { scheduler, timings } = input;
  const sources = new Map<string, Promise<GitSource>>();
  const defaultRepoURL = input.repoURL ?? withoutCredentials(input.gitUrl);
  const cache = {
    now: () => scheduler.now(),
    ttl: () => timings.revisionCache / scheduler.speed,
  };
  const refreshQueue = createRefreshQueue(() => world);
  const world: World = {
    scheduler,
    timings,
    store: createStore(scheduler, timings),
    random: input.random,
    states: new Map(),
    defaultRepoURL,
    git(repoURL) {
      const url = repoURL === defaultRepoURL ? input.gitUrl : repoURL;
      const source = sources.get(url) ?? openGitSource(url, cache);
      sources.set(url, source);
      return source;
    },
    projects: input.projects === undefined ? undefined : new Set(input.projects),
    imageRules: [],
    windows: [],
    faults: createFaultBook(),
    applicationSets: [],
    service: input.service,
    instances: new Map(),
    candidates: new Map(),
    requestRefresh: (name, level) => refreshQueue.request(name, level),
    requestOperation: createOperationQueue(() => world),
    addApp(config, owner) {
      const app = newApplication(config, {
        stamp: scheduler.stamp(),
        defaultRepoURL,
        ...(owner === undefined ? {} : { owner }),
      });
      world.states.set(config.name, newState(config));
      world.store.add(app);
      world.requestRefresh(config.name, 2);
      return app;
    },
    removeApp(name) {
      const state = world.states.get(name);
      if (state === undefined) return;
      state.cancelTimer();
      for (const workload of state.live.workloads.values()) {
        workload.sequence += 1;
        background(world, `stop ${name}`, stopInstance(world, name, workload.name));
      }
      world.states.delete(name);
      world.store.remove(name);
    },
    errors: [],
  };
  // The controller sees a refresh annotation after its own informer's lag.
  world.store.onWrite((event) => {
    const { annotations, name } = event.application.metadata;
    if (event.type !== "MODIFIED" || annotations?.[REFRESH_ANNOTATION] === undefined) return;
    scheduler.after(timings.informerLag, () => world.requestRefresh(name, 3));
  });
  return {
    world,
    async closeGit() {
      for (const source of sources.values())
        await source.then((item) => item.close()).catch(() => undefined);
    },
  };
}

export function addAll(world: World, parsed: ParsedApps): void {
  for (const config of parsed.apps) world.addApp(config);
  for (const config of parsed.generators) addGenerator(world, config);
}

function newState(config: AppConfig): AppState {
  return {
    config,
    live: emptyLive(),
    pendingLevel: -1,
    comparing: false,
    operating: false,
    hydrated: false,
    target: undefined,
    manifestErrors: new Map(),
    repoErrorSince: undefined,
    cancelTimer: () => undefined,
    selfHealAttempts: 0,
  };
}

function withoutCredentials(url: string): string {
  if (!/^https?:/.test(url)) return url;
  const parsed = new URL(url);
  parsed.username = "";
  parsed.password = "";
  return parsed.toString();
}
