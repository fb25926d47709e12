import type { Application } from "./application.ts";
import type { AppConfig, GeneratorConfig } from "./apps-file.ts";
import type { FaultBook } from "./fault-book.ts";
import type { GitSource } from "./git-source.ts";
import type { ImageRule } from "./image-rule.ts";
import type { Live } from "./live.ts";
import type { Rendered } from "./render.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Store } from "./store.ts";
import type { SyncWindow } from "./sync-window.ts";
import type { Timings } from "./timings.ts";

/** Comparison levels of the controller: nothing, recent, latest, latest with forced resolution. */
export type Level = 0 | 1 | 2 | 3;

/** What the controller remembers of one application beside the stored object. */
export type AppState = {
  config: AppConfig;
  live: Live;
  /** The highest level asked for since the last comparison began; -1 for none. */
  pendingLevel: number;
  comparing: boolean;
  operating: boolean;
  hydrated: boolean;
  /** The manifests of the last comparison, as Redis keeps them for managed-resources. */
  target: Rendered | undefined;
  manifestErrors: Map<string, { count: number; since: number }>;
  repoErrorSince: number | undefined;
  cancelTimer: () => void;
  selfHealAttempts: number;
};

/** A running process of the service; `port` is 0 until it listens. */
export type RealInstance = {
  port: number;
  pid: number | undefined;
  exited: boolean;
  stop(): Promise<void>;
};

export type ApplicationSetState = { config: GeneratorConfig; uid: string; apps: Set<string> };

export type World = {
  scheduler: Scheduler;
  timings: Timings;
  store: Store;
  random: () => number;
  states: Map<string, AppState>;
  defaultRepoURL: string;
  git: (repoURL: string) => Promise<GitSource>;
  /** Undefined: any project exists. */
  projects: Set<string> | undefined;
  imageRules: ImageRule[];
  windows: SyncWindow[];
  faults: FaultBook;
  applicationSets: ApplicationSetState[];
  /** "real" runs each Deployment as an instance of the service. */
  service: "real" | "simulated";
  /** By application and workload: the one that serves, and the one that is still to become ready. */
  instances: Map<string, RealInstance>;
  candidates: Map<string, RealInstance>;
  requestRefresh(app: string, level: Level): void;
  requestOperation(app: string): void;
  addApp(config: AppConfig, owner?: { name: string; uid: string }): Application;
  removeApp(name: string): void;
  /** Errors of the simulator's own background work; tests require it to stay empty. */
  errors: string[];
};

/** Runs background work and keeps what it throws, so that a defect here is seen and not swallowed. */
export function background(world: World, what: string, work: Promise<unknown>): void {
  work.catch((error: unknown) => {
    if (world.scheduler.stopped) return;
    world.errors.push(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
  });
}
