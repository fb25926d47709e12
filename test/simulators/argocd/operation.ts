import type { Application, Operation, OperationPhase, SyncResult } from "./application.ts";
import { recordHistory } from "./history.ts";
import { nextRetry } from "./retry.ts";
import { syncOnce } from "./sync-once.ts";
import { canSync, windowsFor } from "./sync-window.ts";
import type { AppState, World } from "./world.ts";
import { background } from "./world.ts";

const OPERATION_WORKERS = 10;

/** Picks up `.operation` after the controller's lag; at most ten operations run at once. */
export function createOperationQueue(world: () => World): (name: string) => void {
  const waiting: string[] = [];
  let busy = 0;

  function pump(): void {
    const { scheduler, timings, faults, states } = world();
    while (busy < OPERATION_WORKERS && waiting.length > 0) {
      const name = waiting.shift()!;
      const state = states.get(name);
      if (state === undefined || state.operating) continue;
      if (faults.backend.controllerDown || faults.backend.shardPaused.has(name)) {
        scheduler.after(timings.operationPickUp * 4, () => enqueue(name));
        continue;
      }
      state.operating = true;
      busy += 1;
      const work = runOperation(world(), name, state).finally(() => {
        busy -= 1;
        state.operating = false;
        if (world().store.get(name)?.operation !== undefined) enqueue(name);
        pump();
      });
      background(world(), `operation ${name}`, work);
    }
  }

  function enqueue(name: string): void {
    waiting.push(name);
    pump();
  }

  return (name) => {
    world().scheduler.after(world().timings.operationPickUp, () => enqueue(name));
  };
}

/** controller/appcontroller.go, processRequestedAppOperation: from pick-up to the final patch. */
async function runOperation(world: World, name: string, state: AppState): Promise<void> {
  const requested = world.store.get(name)?.operation;
  if (requested === undefined) return;
  const operation = structuredClone(requested);
  const startedAt = world.scheduler.stamp();
  // A controller that was restarted finds the operation Running and goes on with it.
  if (world.store.get(name)?.status.operationState === undefined) {
    world.store.patch(name, "operation running", (app) => {
      app.status.operationState = { operation, phase: "Running", startedAt };
    });
  }

  for (;;) {
    if (!(await waitForWindow(world, name, operation))) return finish(world, name, terminated());
    const outcome = await syncOnce(world, name, state, operation);
    if (world.store.get(name)?.operation === undefined) return;
    if (isTerminating(world, name)) return finish(world, name, terminated(outcome.syncResult));
    if (outcome.phase === "Succeeded") {
      if (outcome.deployed) recordHistory(world, name, operation, outcome.syncResult!, startedAt);
      await world.scheduler.sleep(5);
      finish(world, name, outcome);
      return;
    }
    if (!(await parkForRetry(world, name, operation, outcome))) {
      finish(world, name, withRetries(world, name, outcome));
      return;
    }
  }
}

export type Outcome = {
  phase: OperationPhase;
  message: string;
  syncResult: SyncResult | undefined;
  /** False for a dry run and for a partial sync: no history entry. */
  deployed: boolean;
};

function terminated(syncResult?: SyncResult): Outcome {
  return { phase: "Failed", message: "Operation terminated", syncResult, deployed: false };
}

function isTerminating(world: World, name: string): boolean {
  return world.store.get(name)?.status.operationState?.phase === "Terminating";
}

/** False when it was terminated while it waited. */
async function waitForWindow(world: World, name: string, operation: Operation): Promise<boolean> {
  for (;;) {
    const app = world.store.get(name);
    if (app === undefined || isTerminating(world, name)) return false;
    const manual = operation.initiatedBy.automated !== true;
    if (canSync(windowsFor(world.windows, app), world.scheduler.now(), manual)) return true;
    say(world, name, "Sync operation blocked by sync window");
    await world.scheduler.sleep(world.timings.windowRecheck);
  }
}

function say(world: World, name: string, message: string): void {
  world.store.patch(name, "operation message", (app) => {
    if (app.status.operationState?.phase === "Running") app.status.operationState.message = message;
  });
}

/** True when another attempt begins now; meanwhile the operation is Running with `finishedAt` set. */
async function parkForRetry(
  world: World,
  name: string,
  operation: Operation,
  outcome: Outcome,
): Promise<boolean> {
  const limit = operation.retry.limit ?? 0;
  const retries = world.store.get(name)?.status.operationState?.retryCount ?? 0;
  if (limit >= 0 && retries >= limit) return false;
  const wait = nextRetry(operation.retry, retries, world.timings.retryBase);
  const at = new Date(world.scheduler.now() + wait / world.scheduler.speed);
  world.store.patch(name, "operation parked for retry", (app) => {
    const current = app.status.operationState!;
    current.finishedAt = world.scheduler.stamp();
    current.retryCount = retries + 1;
    current.message = `${outcome.message}. Retrying attempt #${retries + 1} at ${kitchen(at)}.`;
    if (outcome.syncResult !== undefined) current.syncResult = outcome.syncResult;
  });
  // Waits in steps, so that a termination is seen while it is parked.
  const steps = 10;
  for (let step = 0; step < steps; step += 1) {
    await world.scheduler.sleep(wait / steps);
    if (world.store.get(name)?.operation === undefined) return false;
    if (isTerminating(world, name)) break;
  }
  if (isTerminating(world, name)) return true;
  world.store.patch(name, "operation retried", (app) => {
    const current = app.status.operationState!;
    delete current.finishedAt;
    delete current.syncResult;
  });
  return true;
}

function withRetries(world: World, name: string, outcome: Outcome): Outcome {
  const retries = world.store.get(name)?.status.operationState?.retryCount ?? 0;
  if (retries === 0) return outcome;
  return { ...outcome, message: `${outcome.message} (retried ${retries} times).` };
}

function finish(world: World, name: string, outcome: Outcome): void {
  const before = world.store.get(name);
  if (before?.status.operationState === undefined) return;
  const automated = before.operation?.initiatedBy.automated === true;
  world.store.patch(name, "operation finished", (app: Application) => {
    delete app.operation;
    const current = app.status.operationState!;
    current.phase = outcome.phase;
    current.message = outcome.message;
    current.finishedAt = world.scheduler.stamp();
    if (outcome.syncResult !== undefined) current.syncResult = outcome.syncResult;
  });
  world.scheduler.after(world.timings.afterOperation, () =>
    world.requestRefresh(name, automated ? 2 : 3),
  );
}

/** Go's time.Kitchen in UTC. */
function kitchen(at: Date): string {
  const hours = at.getUTCHours();
  const minutes = String(at.getUTCMinutes()).padStart(2, "0");
  return `${hours % 12 === 0 ? 12 : hours % 12}:${minutes}${hours < 12 ? "AM" : "PM"}`;
}
