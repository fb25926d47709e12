import type { Application, HealthStatus, ResourceStatus, SyncStatus } from "./application.ts";
import { sourcesOf } from "./application.ts";
import type { Live } from "./live.ts";
import { resourceHealth, worstHealth } from "./live.ts";
import type { Manifest } from "./manifests.ts";
import { groupVersion, keyOf } from "./manifests.ts";
import type { Rendered } from "./render.ts";
import { render } from "./render.ts";
import type { AppState, World } from "./world.ts";

export type Comparison = {
  sync: SyncStatus;
  health: HealthStatus;
  resources: ResourceStatus[];
  /** What stands in `status.sync.revision(s)`; symbolic or empty when nothing could be loaded. */
  revisions: string[];
  error: string | undefined;
};

export type Target = { revisions: string[]; rendered: Rendered };

/** The SHA of every source; a chart's version stands for itself. Throws when Git cannot say. */
export async function resolveRevisions(
  world: World,
  app: Application,
  options: { noCache: boolean; wanted?: (string | undefined)[] },
): Promise<string[]> {
  const { gitDown, repoServerDown } = world.faults.backend;
  if (repoServerDown) {
    throw new Error(
      'rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 10.96.0.7:8081: connect: connection refused"',
    );
  }
  const revisions: string[] = [];
  for (const [index, source] of sourcesOf(app).entries()) {
    const wanted = options.wanted?.[index] ?? source.targetRevision ?? "HEAD";
    if (source.chart !== undefined) revisions.push(wanted);
    else if (gitDown)
      throw new Error(`failed to list refs: Get "${source.repoURL}": dial tcp: i/o timeout`);
    else revisions.push(await (await world.git(source.repoURL)).resolve(wanted, options));
  }
  return revisions;
}

/** Manifests at the revisions; three failures at one revision pause it for an hour unless the refresh is hard. */
export async function loadTarget(
  world: World,
  app: Application,
  state: AppState,
  revisions: string[],
  hard: boolean,
): Promise<Rendered> {
  const key = revisions.join(",");
  const past = state.manifestErrors.get(key);
  const paused =
    past !== undefined &&
    past.count >= 3 &&
    world.scheduler.now() - past.since < world.timings.manifestErrorPause / world.scheduler.speed;
  if (paused && !hard && state.target !== undefined && !state.target.ok) {
    const message = state.target.message.replace(
      /desc = (?!Manifest generation error)/,
      "desc = Manifest generation error (cached): ",
    );
    return { ok: false, message };
  }
  const rendered = await render({ app, config: state.config, revisions, git: world.git });
  if (rendered.ok) state.manifestErrors.delete(key);
  else {
    state.manifestErrors.set(key, {
      count: hard ? 1 : (past?.count ?? 0) + 1,
      since: past?.since ?? world.scheduler.now(),
    });
  }
  return rendered;
}

/** Desired against live: what a comparison of level 1 and above writes. */
export function compare(app: Application, live: Live, target: Target): Comparison {
  const { rendered } = target;
  const manifests = rendered.ok ? rendered.manifests : [];
  const desired = new Map(manifests.map((manifest) => [keyOf(manifest), manifest]));
  const keys = [...new Set([...desired.keys(), ...live.resources.keys()])].sort();
  const resources: ResourceStatus[] = [];
  const healths: HealthStatus[] = [];
  let sync: SyncStatus = rendered.ok ? "Synced" : "Unknown";

  for (const key of keys) {
    const want = desired.get(key);
    const have = live.resources.get(key);
    const health = resourceHealth(live, key);
    if (health !== undefined) healths.push(health.status);
    const equal = JSON.stringify(want) === JSON.stringify(have);
    const status: SyncStatus = rendered.ok ? (equal ? "Synced" : "OutOfSync") : "Unknown";
    if (status === "OutOfSync") sync = "OutOfSync";
    resources.push({
      ...identity(want ?? have!),
      status,
      ...(rendered.ok && want === undefined ? { requiresPruning: true } : {}),
    });
  }
  const symbolic =
    app.spec.sources === undefined ? [app.spec.source?.targetRevision ?? "HEAD"] : [];
  const missing = resources.length > 0 && live.resources.size === 0;
  return {
    sync,
    health: missing ? "Missing" : worstHealth(healths),
    resources,
    revisions: rendered.ok ? target.revisions : symbolic,
    error: rendered.ok ? undefined : rendered.message,
  };
}

function identity(manifest: Manifest) {
  const { group, version } = groupVersion(manifest);
  return {
    ...(group === "" ? {} : { group }),
    version,
    kind: manifest.kind,
    namespace: manifest.metadata.namespace,
    name: manifest.metadata.name,
  };
}
