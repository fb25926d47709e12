import type { Application, Operation, SyncOperation } from "../application.ts";
import { isAutomated, isCompleted, sourcesOf } from "../application.ts";
import { setOperation } from "../auto-sync.ts";
import { resolveRevisions } from "../compare.ts";
import { canSync, isActive, windowsFor } from "../sync-window.ts";
import { getApp, may, objectOf } from "./access.ts";
import type { Call } from "./api.ts";
import { flagField, listField, numberField, queryProject, textField } from "./api.ts";
import { withHealth } from "./applications.ts";
import { ApiError } from "./reply.ts";

function target(call: Call, action: "get" | "sync"): Application {
  const project = textField(call.body, "project") || queryProject(call.query);
  const namespace = textField(call.body, "appNamespace") ?? call.query.get("appNamespace") ?? "";
  return getApp(call.api.world, call.api.accounts, call.session, {
    action,
    project,
    name: call.params["name"]!,
    ...(namespace === "" ? {} : { namespace }),
  });
}

/** POST /applications/{name}/sync: answers right after `.operation` was set, with the resolved SHA in it. */
export async function syncApplication(call: Call): Promise<unknown> {
  const { api, session } = call;
  const { world } = api;
  const app = target(call, "get");
  const now = world.scheduler.now();
  // Checked before the right to sync (app.go:2092-2100).
  if (!canSync(windowsFor(world.windows, app), now, true)) {
    throw new ApiError(7, "cannot sync: blocked by sync window");
  }
  if (!may(api.accounts, session, "sync", objectOf(app))) {
    const issued = new Date(session.claims.iat * 1000).toISOString().replace(".000Z", "Z");
    throw new ApiError(
      7,
      `permission denied: applications, sync, ${objectOf(app)}, sub: ${session.account}, iat: ${issued}`,
    );
  }
  if (app.metadata.deletionTimestamp !== undefined) {
    throw new ApiError(9, "application is deleting");
  }
  const operation = await buildOperation(call, app);
  if (world.store.get(app.metadata.name) === undefined) {
    throw new ApiError(5, `applications.argoproj.io "${app.metadata.name}" not found`);
  }
  if (!setOperation(world, app.metadata.name, operation)) {
    throw new ApiError(9, "another operation is already in progress");
  }
  return withHealth(world, world.store.get(app.metadata.name)!);
}

async function buildOperation(call: Call, app: Application): Promise<Operation> {
  const { body, session } = call;
  const resources = listField<NonNullable<SyncOperation["resources"]>[number]>(
    body,
    "resources",
    "object",
  );
  const infos = listField<{ name: string; value: string }>(body, "infos", "object");
  const options = body["syncoptions"] as { items?: string[] } | undefined;
  const policy = app.spec.syncPolicy;
  const items = options?.items ?? policy?.syncOptions;
  const retry = body["retrystrategy"] as Operation["retry"] | undefined;
  const dryRun = flagField(body, "dryRun");
  const prune = flagField(body, "prune");
  const revisions = await resolveWanted(call, app, dryRun);
  const { source, sources } = app.spec;
  return {
    sync: {
      ...(sources === undefined
        ? { revision: revisions[0]!, source: structuredClone(source!) }
        : { revisions, sources: structuredClone(sources) }),
      ...(prune ? { prune } : {}),
      ...(dryRun ? { dryRun } : {}),
      ...(resources.length === 0 ? {} : { resources }),
      ...(items === undefined ? {} : { syncOptions: items }),
      ...(body["strategy"] === undefined ? {} : { syncStrategy: body["strategy"] }),
    },
    initiatedBy: { username: session.account },
    ...(infos.length === 0 ? {} : { info: infos }),
    retry: structuredClone(retry ?? policy?.retry ?? {}),
  };
}

/** Every source's revision, resolved without the cache; an automated application keeps its target. */
async function resolveWanted(call: Call, app: Application, dryRun: boolean): Promise<string[]> {
  const { world } = call.api;
  const sources = sourcesOf(app);
  const wanted: (string | undefined)[] = sources.map(() => undefined);
  const single = textField(call.body, "revision");
  if (app.spec.sources === undefined) wanted[0] = single || undefined;
  const revisions = listField<string>(call.body, "revisions", "string");
  const positions = listField<number>(call.body, "sourcePositions", "number");
  if (revisions.length !== positions.length) {
    throw new ApiError(13, "runtime error: index out of range");
  }
  for (const [index, position] of positions.entries()) {
    if (position < 1 || position > sources.length) {
      throw new ApiError(3, "source positions must be between 1 and the number of sources");
    }
    if (app.spec.sources !== undefined) wanted[position - 1] = revisions[index];
  }
  for (const [index, revision] of wanted.entries()) {
    const desired = sources[index]!.targetRevision ?? "HEAD";
    if (revision !== undefined && revision !== desired && isAutomated(app) && !dryRun) {
      throw new ApiError(9, `Cannot sync to ${revision}: auto-sync currently set to ${desired}`);
    }
  }
  try {
    return await resolveRevisions(world, app, { noCache: true, wanted });
  } catch (error) {
    throw new ApiError(
      9,
      `error resolving repo revision: rpc error: code = Unknown desc = ${(error as Error).message}`,
    );
  }
}

export function terminateOperation(call: Call): unknown {
  const app = target(call, "sync");
  const { store } = call.api.world;
  if (app.operation === undefined || isCompleted(app.status.operationState?.phase)) {
    throw new ApiError(3, "Unable to terminate operation. No operation is in progress");
  }
  store.patch(app.metadata.name, "terminate requested", (next) => {
    next.status.operationState ??= {
      operation: structuredClone(app.operation!),
      phase: "Terminating",
      startedAt: call.api.world.scheduler.stamp(),
    };
    next.status.operationState.phase = "Terminating";
  });
  return {};
}

export function rollbackApplication(call: Call): unknown {
  const app = target(call, "sync");
  const { world } = call.api;
  const id = numberField(call.body, "id") ?? 0;
  if (app.metadata.deletionTimestamp !== undefined) {
    throw new ApiError(9, "application is deleting");
  }
  if (isAutomated(app)) {
    throw new ApiError(9, "rollback cannot be initiated when auto-sync is enabled");
  }
  const entry = app.status.history?.find((item) => item.id === id);
  if (entry === undefined) {
    throw new ApiError(
      3,
      `application ${app.metadata.name} does not have deployment with id ${id}`,
    );
  }
  const sync: SyncOperation = {
    ...(entry.revisions === undefined
      ? { revision: entry.revision!, source: entry.source }
      : { revisions: entry.revisions, sources: entry.sources! }),
    ...(flagField(call.body, "prune") ? { prune: true } : {}),
    ...(flagField(call.body, "dryRun") ? { dryRun: true } : {}),
  };
  const operation: Operation = {
    sync,
    initiatedBy: { username: call.session.account },
    retry: {},
  };
  if (!setOperation(world, app.metadata.name, operation)) {
    throw new ApiError(9, "another operation is already in progress");
  }
  return withHealth(world, world.store.get(app.metadata.name)!);
}

export function syncWindows(call: Call): unknown {
  const app = target(call, "get");
  const { windows, scheduler } = call.api.world;
  const assigned = windowsFor(windows, app);
  const now = scheduler.now();
  const print = (list: typeof assigned) =>
    list.map(({ kind, schedule, duration, manualSync }) => ({
      kind,
      schedule,
      duration,
      manualSync,
    }));
  const active = assigned.filter((window) => isActive(window, now));
  return {
    ...(active.length === 0 ? {} : { activeWindows: print(active) }),
    ...(assigned.length === 0 ? {} : { assignedWindows: print(assigned) }),
    canSync: canSync(assigned, now, true),
  };
}
