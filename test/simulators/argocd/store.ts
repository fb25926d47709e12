import type { Application } from "./application.ts";
import { checkInvariants } from "./invariants.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Timings } from "./timings.ts";

export type WatchEvent = { type: "ADDED" | "MODIFIED" | "DELETED"; application: Application };

export type TimelineEntry = {
  at: string;
  app: string;
  resourceVersion: number;
  cause: string;
  operation: boolean;
  phase: string | undefined;
  finishedAt: string | undefined;
  sync: string;
  revision: string | undefined;
  health: string | undefined;
  reconciledAt: string | undefined;
  images: string[];
};

/** One API server replica's informer: a copy that lags behind what is stored. */
type Informer = {
  apps: Map<string, Application>;
  resourceVersion: number;
};

export type Store = {
  names(): string[];
  get(name: string): Application | undefined;
  add(app: Application): void;
  remove(name: string): void;
  /** Applies `change` to a copy; writes nothing when the copy stays equal. Returns what is stored afterwards. */
  patch(name: string, cause: string, change: (app: Application) => void): Application | undefined;
  /** Events as they reach the API server, after the informer lag. */
  subscribe(listener: (event: WatchEvent) => void): () => void;
  /** Events at the moment of the write, for controllers that add their own lag. */
  onWrite(listener: (event: WatchEvent) => void): void;
  informers: Informer[];
  freezeInformers(frozen: boolean): void;
  timeline: TimelineEntry[];
  /** What must never happen and did; tests require it to stay empty. */
  violations: string[];
};

const TIMELINE_LIMIT = 50_000;

export function createStore(scheduler: Scheduler, timings: Timings): Store {
  const apps = new Map<string, Application>();
  const informers: Informer[] = [
    { apps: new Map(), resourceVersion: 0 },
    { apps: new Map(), resourceVersion: 0 },
  ];
  const queues: WatchEvent[][] = [[], []];
  const listeners = new Set<(event: WatchEvent) => void>();
  const writeListeners: ((event: WatchEvent) => void)[] = [];
  const timeline: TimelineEntry[] = [];
  const violations: string[] = [];
  let resourceVersion = 1000;
  let frozen = false;

  function deliverOldest(index: number): void {
    if (frozen) return;
    const event = queues[index]!.shift();
    if (event === undefined) return;
    const informer = informers[index]!;
    const { name, resourceVersion: version } = event.application.metadata;
    if (event.type === "DELETED") informer.apps.delete(name);
    else informer.apps.set(name, event.application);
    informer.resourceVersion = Number(version);
    if (index === 0) for (const listener of listeners) listener(event);
  }

  function publish(event: WatchEvent, cause: string): void {
    timeline.push(entry(scheduler.stamp(), event, cause));
    if (timeline.length > TIMELINE_LIMIT) timeline.splice(0, TIMELINE_LIMIT / 10);
    const lags = [timings.informerLag, timings.informerLag + timings.replicaLag];
    for (const [index, lag] of lags.entries()) {
      queues[index]!.push(event);
      scheduler.after(lag, () => deliverOldest(index));
    }
    for (const listener of writeListeners) listener(event);
  }

  function stampVersion(app: Application): void {
    app.metadata.resourceVersion = String(++resourceVersion);
    app.metadata.generation += 1;
  }

  return {
    informers,
    timeline,
    violations,
    names: () => [...apps.keys()].sort(),
    get: (name) => apps.get(name),
    add(app) {
      stampVersion(app);
      apps.set(app.metadata.name, app);
      publish({ type: "ADDED", application: app }, "created");
    },
    remove(name) {
      const app = apps.get(name);
      if (app === undefined) return;
      apps.delete(name);
      const gone = structuredClone(app);
      stampVersion(gone);
      publish({ type: "DELETED", application: gone }, "deleted");
    },
    patch(name, cause, change) {
      const before = apps.get(name);
      if (before === undefined) return undefined;
      const next = structuredClone(before);
      change(next);
      if (JSON.stringify(next) === JSON.stringify(before)) return before;
      stampVersion(next);
      violations.push(...checkInvariants(before, next, cause));
      apps.set(name, next);
      publish({ type: "MODIFIED", application: next }, cause);
      return next;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onWrite(listener) {
      writeListeners.push(listener);
    },
    freezeInformers(value) {
      frozen = value;
      if (value) return;
      for (const [index, queue] of queues.entries()) {
        while (queue.length > 0) deliverOldest(index);
      }
    },
  };
}

function entry(at: string, event: WatchEvent, cause: string): TimelineEntry {
  const { metadata, status, operation } = event.application;
  return {
    at,
    app: metadata.name,
    resourceVersion: Number(metadata.resourceVersion),
    cause,
    operation: operation !== undefined,
    phase: status.operationState?.phase,
    finishedAt: status.operationState?.finishedAt,
    sync: status.sync.status,
    revision: status.sync.revision ?? status.sync.revisions?.join(","),
    health: status.health.status,
    reconciledAt: status.reconciledAt,
    images: status.summary.images ?? [],
  };
}
