import type { Application, Condition } from "./application.ts";
import { REFRESH_ANNOTATION, SKIP_RECONCILE_ANNOTATION, sourcesOf } from "./application.ts";
import { autoSync } from "./auto-sync.ts";
import type { Comparison } from "./compare.ts";
import { compare, loadTarget, resolveRevisions } from "./compare.ts";
import { podImages } from "./live.ts";
import { formatTime } from "./scheduler.ts";
import type { AppState, Level, World } from "./world.ts";

/** One pass of the controller's refresh loop (controller/appcontroller.go, processAppRefreshQueueItem). */
export async function reconcile(world: World, name: string, asked: Level): Promise<void> {
  const app = world.store.get(name);
  const state = world.states.get(name);
  if (app === undefined || state === undefined) return;
  if (app.metadata.annotations?.[SKIP_RECONCILE_ANNOTATION] === "true") return;

  const startedAt = world.scheduler.now();
  const refresh = app.metadata.annotations?.[REFRESH_ANNOTATION];
  const level = effectiveLevel(app, state, asked, refresh);
  if (level === 0) {
    await world.scheduler.sleep(world.timings.compare / 10);
    writeSummary(world, name, state);
    return;
  }
  await world.scheduler.sleep(world.timings.compare);
  const comparison = await compareAt(world, app, state, level, refresh === "hard");
  if (comparison === undefined) {
    scheduleTimer(world, name, state);
    return;
  }
  // autoSync is called before the status is persisted: for a moment an operation is set on the old status.
  const syncError = autoSync(world, name, comparison);
  world.store.patch(name, `compare level ${level}`, (next) => {
    applyComparison(world, next, state, comparison);
    setConditions(next, comparison, syncError, world.scheduler.stamp());
    if (level >= 2) next.status.reconciledAt = formatTime(startedAt);
    if (refresh !== undefined && next.metadata.annotations !== undefined) {
      delete next.metadata.annotations[REFRESH_ANNOTATION];
      if (Object.keys(next.metadata.annotations).length === 0) delete next.metadata.annotations;
    }
  });
  if (level >= 2) scheduleTimer(world, name, state);
}

function effectiveLevel(
  app: Application,
  state: AppState,
  asked: Level,
  refresh: string | undefined,
): Level {
  if (refresh !== undefined) return 3;
  if (app.status.reconciledAt === undefined || !state.hydrated) return asked > 2 ? asked : 2;
  const { comparedTo } = app.status.sync;
  const compared = app.spec.sources === undefined ? [comparedTo.source] : comparedTo.sources;
  return JSON.stringify(compared) === JSON.stringify(sourcesOf(app)) ? asked : 3;
}

async function compareAt(
  world: World,
  app: Application,
  state: AppState,
  level: Level,
  hard: boolean,
): Promise<Comparison | undefined> {
  let revisions: string[];
  try {
    const { revision, revisions: many } = app.status.sync;
    const known = many ?? (revision === undefined ? [] : [revision]);
    const recent = level === 1 && known.length === sourcesOf(app).length;
    revisions = recent ? known : await resolveRevisions(world, app, { noCache: level === 3 });
    state.repoErrorSince = undefined;
  } catch (error) {
    const now = world.scheduler.now();
    state.repoErrorSince ??= now;
    // controller/state.go:696-712: within the grace nothing is written at all, the annotation stays.
    const grace = world.timings.repoErrorGrace / world.scheduler.speed;
    if (level < 3 && now - state.repoErrorSince < grace) return undefined;
    const message = `Failed to load target state: failed to generate manifest for source 1 of ${sourcesOf(app).length}: ${describe(error)}`;
    return compare(app, state.live, { revisions: [], rendered: { ok: false, message } });
  }
  const rendered = await loadTarget(world, app, state, revisions, hard);
  state.target = rendered;
  state.hydrated = true;
  return compare(app, state.live, { revisions, rendered });
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.startsWith("rpc error") ? message : `rpc error: code = Unknown desc = ${message}`;
}

function writeSummary(world: World, name: string, state: AppState): void {
  world.store.patch(name, "compare level 0", (next) => setImages(world, next, state));
}

function setImages(world: World, next: Application, state: AppState): void {
  const images = world.faults.summaryEmpty(next.metadata.name) ? [] : podImages(state.live);
  next.status.summary = images.length === 0 ? {} : { images };
}

function applyComparison(
  world: World,
  next: Application,
  state: AppState,
  comparison: Comparison,
): void {
  const { status, spec } = next;
  const multi = spec.sources !== undefined;
  status.sync = {
    status: comparison.sync,
    comparedTo: {
      source: multi ? { repoURL: "" } : structuredClone(spec.source!),
      ...(multi ? { sources: structuredClone(spec.sources!) } : {}),
      destination: { ...spec.destination },
    },
    ...(multi
      ? comparison.revisions.length === 0
        ? {}
        : { revisions: comparison.revisions }
      : { revision: comparison.revisions[0]! }),
  };
  if (status.health.status !== comparison.health) {
    status.health = { status: comparison.health, lastTransitionTime: world.scheduler.stamp() };
  }
  status.resources = comparison.resources;
  if (multi) status.sourceTypes = spec.sources!.map((source) => (source.ref ? "" : "Helm"));
  else status.sourceType = "Helm";
  status.resourceHealthSource = "appTree";
  status.controllerNamespace = "argocd";
  setImages(world, next, state);
}

function setConditions(
  next: Application,
  comparison: Comparison,
  syncError: string | undefined,
  stamp: string,
): void {
  const wanted: { type: string; message: string }[] = [];
  if (comparison.error !== undefined) {
    wanted.push({ type: "ComparisonError", message: comparison.error });
  }
  if (syncError !== undefined) wanted.push({ type: "SyncError", message: syncError });
  const before = next.status.conditions ?? [];
  const conditions: Condition[] = wanted.map((condition) => {
    const same = before.find(
      (item) => item.type === condition.type && item.message === condition.message,
    );
    return { ...condition, lastTransitionTime: same?.lastTransitionTime ?? stamp };
  });
  if (conditions.length === 0) delete next.status.conditions;
  else next.status.conditions = conditions;
}

/** The timer comparison: 120 s plus a jitter of up to 60 s after the last one. */
function scheduleTimer(world: World, name: string, state: AppState): void {
  state.cancelTimer();
  const { timerRefresh, timerJitter } = world.timings;
  state.cancelTimer = world.scheduler.after(timerRefresh + world.random() * timerJitter, () =>
    world.requestRefresh(name, 2),
  );
}
