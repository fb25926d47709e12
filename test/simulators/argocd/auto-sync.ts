import type { Application, Operation } from "./application.ts";
import { isAutomated, sourcesOf } from "./application.ts";
import type { Comparison } from "./compare.ts";
import { canSync, windowsFor } from "./sync-window.ts";
import type { World } from "./world.ts";

/**
 * controller/appcontroller.go, autoSync: starts an operation where an automated application is out of sync.
 * Returns the SyncError condition's message where it has given up on these revisions.
 */
export function autoSync(world: World, name: string, comparison: Comparison): string | undefined {
  const app = world.store.get(name);
  const state = world.states.get(name);
  if (app === undefined || state === undefined || !isAutomated(app)) return undefined;
  // A closed window is silent: no condition, only a line in the controller's log.
  if (!canSync(windowsFor(world.windows, app), world.scheduler.now(), false)) return undefined;
  if (app.operation !== undefined || app.metadata.deletionTimestamp !== undefined) return undefined;
  if (comparison.sync !== "OutOfSync") return undefined;

  const policy = app.spec.syncPolicy!.automated!;
  const outOfSync = comparison.resources.filter((resource) => resource.status === "OutOfSync");
  if (policy.prune !== true && outOfSync.every((resource) => resource.requiresPruning === true)) {
    return undefined;
  }
  if (
    policy.prune === true &&
    policy.allowEmpty !== true &&
    comparison.resources.every((resource) => resource.requiresPruning === true)
  ) {
    return `Skipping sync attempt to [${comparison.revisions.join(" ")}]: auto-sync will wipe out all resources`;
  }

  const attempted = alreadyAttempted(app, comparison.revisions);
  const operation = automatedOperation(app, comparison);
  if (attempted) {
    const { phase, message } = app.status.operationState!;
    if (phase !== "Succeeded") {
      return `Failed last sync attempt to [${comparison.revisions.join(" ")}]: ${message ?? ""}`;
    }
    if (policy.selfHeal !== true) return undefined;
    if (state.selfHealAttempts > 0) {
      scheduleSelfHeal(world, name, state.selfHealAttempts);
      state.selfHealAttempts = -state.selfHealAttempts;
      return undefined;
    }
    state.selfHealAttempts = Math.abs(state.selfHealAttempts) + 1;
    operation.sync!.selfHealAttemptsCount = state.selfHealAttempts;
    operation.sync!.resources = outOfSync.map((resource) => ({
      ...(resource.group === undefined ? {} : { group: resource.group }),
      kind: resource.kind,
      name: resource.name,
      namespace: resource.namespace,
    }));
  } else {
    state.selfHealAttempts = 0;
  }
  setOperation(world, name, operation);
  return undefined;
}

/** util/argo/argo.go, SetAppOperation: false when one is set already. */
export function setOperation(world: World, name: string, operation: Operation): boolean {
  if (world.store.get(name)?.operation !== undefined) return false;
  world.store.patch(name, "set operation", (app) => {
    app.operation = operation;
    delete app.status.operationState;
  });
  world.requestOperation(name);
  return true;
}

function automatedOperation(app: Application, comparison: Comparison): Operation {
  const { syncPolicy, source, sources } = app.spec;
  const options = syncPolicy?.syncOptions;
  return {
    sync: {
      ...(sources === undefined
        ? { revision: comparison.revisions[0]!, source: structuredClone(source!) }
        : { revisions: comparison.revisions, sources: structuredClone(sources) }),
      ...(syncPolicy?.automated?.prune === true ? { prune: true } : {}),
      ...(options === undefined ? {} : { syncOptions: options }),
    },
    initiatedBy: { automated: true },
    retry: structuredClone(syncPolicy?.retry ?? { limit: 5 }),
  };
}

function alreadyAttempted(app: Application, revisions: string[]): boolean {
  const result = app.status.operationState?.syncResult;
  if (result === undefined) return false;
  const last = app.spec.sources === undefined ? [result.revision] : (result.revisions ?? []);
  const lastSources = result.sources ?? [result.source];
  return (
    last.join(",") === revisions.join(",") &&
    JSON.stringify(lastSources) === JSON.stringify(sourcesOf(app))
  );
}

/** Back-off of self-heal: 2 s, three times longer each time, at most 300 s. */
function scheduleSelfHeal(world: World, name: string, attempts: number): void {
  const wait = Math.min(2_000 * 3 ** (attempts - 1), 300_000);
  world.scheduler.after(wait, () => world.requestRefresh(name, 1));
}
