import type { Application } from "../application.ts";

/**
 * The fields that a projection of the list knows (pkg/apiclient/application/forwarder_overwrite.go).
 * A typed nil pointer is not nil to Go, so some absent values print as null.
 */
const FIELDS: Record<string, (app: Application) => unknown> = {
  "metadata.name": (app) => app.metadata.name,
  "metadata.namespace": (app) => app.metadata.namespace,
  "metadata.annotations": (app) => app.metadata.annotations ?? null,
  "metadata.labels": (app) => app.metadata.labels ?? null,
  "metadata.creationTimestamp": (app) => app.metadata.creationTimestamp,
  "metadata.deletionTimestamp": (app) => app.metadata.deletionTimestamp ?? null,
  spec: (app) => app.spec,
  "status.sourceHydrator": (app) => app.status.sourceHydrator,
  "status.sync.status": (app) => app.status.sync.status,
  "status.health": (app) => app.status.health,
  "status.summary": (app) => app.status.summary,
  "status.operationState.startedAt": (app) => app.status.operationState?.startedAt,
  "status.operationState.finishedAt": (app) =>
    app.status.operationState === undefined
      ? undefined
      : (app.status.operationState.finishedAt ?? null),
  "status.resources": (app) => app.status.resources,
  "operation.sync": (app) =>
    app.operation === undefined ? undefined : (app.operation.sync ?? null),
  "status.operationState.phase": (app) => app.status.operationState?.phase,
  // It really answers with the sync result.
  "status.operationState.operation.sync": (app) =>
    app.status.operationState === undefined
      ? undefined
      : (app.status.operationState.syncResult ?? null),
};

export type Projection = { fields: Set<string>; exclude: boolean };

export function parseFields(query: URLSearchParams): Projection | undefined {
  const text = query.get("fields");
  if (!text) return undefined;
  const exclude = text.startsWith("-");
  return { fields: new Set((exclude ? text.slice(1) : text).split(",")), exclude };
}

type Tree = { [key: string]: unknown };

/** One item of the list, cut down to the allow-listed fields that were asked for (`items.<field>`). */
export function projectApp(app: Application, projection: Projection): Tree {
  const result: Tree = {};
  for (const [field, read] of Object.entries(FIELDS)) {
    if (projection.fields.has(`items.${field}`) === projection.exclude) continue;
    const value = read(app);
    if (value !== undefined) put(result, field.split("."), value);
  }
  return result;
}

/** The generic processor of streams: any JSON path may be kept or left out. */
export function projectAny(value: unknown, projection: Projection): unknown {
  const paths = [...projection.fields].map((field) => field.split("."));
  return projection.exclude ? without(value, paths) : keep(value, paths);
}

function keep(value: unknown, paths: string[][]): unknown {
  if (paths.some((path) => path.length === 0)) return value;
  if (!isTree(value)) return undefined;
  const result: Tree = {};
  for (const [key, item] of Object.entries(value)) {
    const below = paths.filter((path) => path[0] === key).map((path) => path.slice(1));
    const kept = below.length === 0 ? undefined : keep(item, below);
    if (kept !== undefined) result[key] = kept;
  }
  return result;
}

function without(value: unknown, paths: string[][]): unknown {
  if (!isTree(value)) return value;
  const result: Tree = {};
  for (const [key, item] of Object.entries(value)) {
    const below = paths.filter((path) => path[0] === key).map((path) => path.slice(1));
    if (below.some((path) => path.length === 0)) continue;
    result[key] = below.length === 0 ? item : without(item, below);
  }
  return result;
}

function put(tree: Tree, path: string[], value: unknown): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const below = isTree(tree[key]) ? tree[key] : {};
  tree[key] = below;
  put(below, rest, value);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
