import { setTimeout as sleep } from "node:timers/promises";

import type { Settings } from "./settings.ts";

type Reply = { status: number; body: object };

export type State = {
  settings: Settings;
  /** Turns false when the process has been told to stop. */
  isReady: () => boolean;
  random: () => number;
};

type Route = {
  label: string;
  handle(state: State, query: URLSearchParams): Reply | Promise<Reply>;
};

const MAX_WORK_MS = 10_000;
const DEFAULT_WORK_MS = 20;

function fails({ settings, random }: State): boolean {
  return settings.failRate > 0 && random() < settings.failRate;
}

function failure({ settings }: State): Reply {
  return { status: 500, body: { error: "made to fail by FAIL_RATE", version: settings.version } };
}

function greet(state: State): Reply {
  const { greeting, tenant, environment, version } = state.settings;
  if (fails(state)) return failure(state);
  return { status: 200, body: { message: `${greeting}, ${tenant}`, tenant, environment, version } };
}

/** `/work?ms=50`: takes that long, at most ten seconds. */
async function work(state: State, query: URLSearchParams): Promise<Reply> {
  const asked = Number(query.get("ms") ?? DEFAULT_WORK_MS);
  if (!Number.isFinite(asked) || asked < 0 || asked > MAX_WORK_MS) {
    return { status: 400, body: { error: `ms must be from 0 to ${MAX_WORK_MS}` } };
  }
  await sleep(asked);
  if (fails(state)) return failure(state);
  return { status: 200, body: { worked: true, ms: asked, version: state.settings.version } };
}

const alive: Route = { label: "/health", handle: () => ({ status: 200, body: { status: "ok" } }) };
const ready: Route = {
  label: "/readyz",
  handle: (state) =>
    state.isReady()
      ? { status: 200, body: { status: "ready", version: state.settings.version } }
      : { status: 503, body: { status: "not ready", version: state.settings.version } },
};

/** An alias is counted under the name that it stands for. */
export const ROUTES: Record<string, Route> = {
  "/": { label: "/", handle: greet },
  "/health": alive,
  "/healthz": alive,
  "/readyz": ready,
  "/ready": ready,
  "/work": { label: "/work", handle: work },
};

/** What callers come for; everything else is for Kubernetes and Prometheus. */
export const WORK_ROUTES: readonly string[] = ["/", "/work"];

export const METRICS_PATH = "/metrics";

/** Unknown paths share one label: what a caller types must not make time series. */
export const OTHER_ROUTE = "other";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

export function methodLabel(method: string | undefined): string {
  return method !== undefined && METHODS.has(method) ? method : OTHER_ROUTE;
}
