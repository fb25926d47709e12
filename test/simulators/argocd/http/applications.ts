import type { Application } from "../application.ts";
import { REFRESH_ANNOTATION, sourcesOf } from "../application.ts";
import { resourceHealth } from "../live.ts";
import type { World } from "../world.ts";
import { getApp, may, objectOf } from "./access.ts";
import type { Call } from "./api.ts";
import { queryProject, queryProjects, queryText } from "./api.ts";
import { parseFields, projectApp } from "./fields.ts";
import { parseSelector } from "./selector.ts";

const NEVER = new Promise<never>(() => undefined);
let lists = 0;

/** Served from the informer's copy of one API server replica; never empty but `null`. */
export function listApplications(call: Call): unknown {
  const { world } = call.api;
  const { replicas } = world.faults.backend;
  const informer = world.store.informers[replicas === 1 ? 0 : lists++ % 2]!;
  const matches = matcher(call);
  const items = [...informer.apps.values()]
    .filter(matches)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const metadata = { resourceVersion: String(informer.resourceVersion) };
  if (items.length === 0) return { metadata, items: null };
  const projection = parseFields(call.query);
  if (projection === undefined) return { metadata, items };
  return { metadata, items: items.map((app) => projectApp(app, projection)) };
}

/** Filters of list and stream: right to get, name, projects, selector, namespace; the list also the first source's URL. */
export function matcher(call: Call): (app: Application) => boolean {
  const { query, session, api } = call;
  const selects = parseSelector(query.get("selector"));
  const projects = queryProjects(query);
  const name = queryText(query, "name");
  const repo = queryText(query, "repo");
  const namespace = queryText(query, "appNamespace");
  return (app) =>
    (name === undefined || app.metadata.name === name) &&
    (projects.length === 0 || projects.includes(app.spec.project)) &&
    (namespace === undefined || app.metadata.namespace === namespace) &&
    (repo === undefined || sourcesOf(app)[0]?.repoURL === repo) &&
    selects(app.metadata.labels) &&
    may(api.accounts, session, "get", objectOf(app));
}

export async function getApplication(call: Call): Promise<unknown> {
  const { api, session, query, params } = call;
  const { world } = api;
  const name = params["name"]!;
  const namespace = queryText(query, "appNamespace");
  const request = {
    action: "get" as const,
    project: queryProject(query),
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const app = getApp(world, api.accounts, session, request);
  // Any value counts, even `false` and the empty one (app.go:800-807).
  const refresh = query.get("refresh");
  if (refresh === null) return withHealth(world, app);
  return withHealth(world, await refreshed(call, name, refresh === "hard" ? "hard" : "normal"));
}

/** Sets the annotation, then waits until the controller has taken it away; there is no time limit. */
async function refreshed(call: Call, name: string, type: "hard" | "normal"): Promise<Application> {
  const { world } = call.api;
  const asked = world.store.patch(name, "refresh requested", (app) => {
    app.metadata.annotations = { ...app.metadata.annotations, [REFRESH_ANNOTATION]: type };
  });
  const oldest = Number(asked?.metadata.resourceVersion ?? 0);
  const done = new Promise<Application>((resolve) => {
    const stop = world.store.subscribe((event) => {
      const { metadata } = event.application;
      if (metadata.name !== name || Number(metadata.resourceVersion) <= oldest) return;
      if (metadata.annotations?.[REFRESH_ANNOTATION] !== undefined) return;
      stop();
      resolve(event.application);
    });
    call.gone.addEventListener("abort", stop, { once: true });
  });
  return call.gone.aborted ? NEVER : done;
}

/** `status.resources[].health` comes from the tree cache for get and stream, never for the list. */
export function withHealth(world: World, app: Application): Application {
  const state = world.states.get(app.metadata.name);
  if (state === undefined || app.status.resources === undefined) return app;
  const resources = app.status.resources.map((resource) => {
    const health = resourceHealth(state.live, `${resource.kind}/${resource.name}`);
    return health === undefined ? resource : { ...resource, health };
  });
  return { ...app, status: { ...app.status, resources } };
}
