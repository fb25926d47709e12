import type { Application, Operation, ResourceResult, SyncResult } from "./application.ts";
import { sourcesOf } from "./application.ts";
import { loadTarget, resolveRevisions } from "./compare.ts";
import type { SyncFault } from "./fault-rule.ts";
import { resourceHealth } from "./live.ts";
import type { Manifest } from "./manifests.ts";
import { groupVersion, imagesOf, keyOf, waveOf } from "./manifests.ts";
import type { Outcome } from "./operation.ts";
import { applyManifest, removeManifest } from "./rollout.ts";
import type { AppState, World } from "./world.ts";

/** One attempt of an operation (controller/sync.go, SyncAppState): load, apply wave by wave, say what came of it. */
export async function syncOnce(
  world: World,
  name: string,
  state: AppState,
  operation: Operation,
): Promise<Outcome> {
  const app = world.store.get(name);
  if (app === undefined) return failed("Error", "application is gone");
  const sync = operation.sync ?? {};
  const fault = world.faults.takeSync(name);
  const wanted = sync.revisions ?? [sync.revision === "" ? undefined : sync.revision];

  let result: SyncResult;
  let manifests: Manifest[];
  try {
    const revisions = await resolveRevisions(world, app, { noCache: true, wanted });
    result = emptyResult(app, revisions);
    const rendered = await loadTarget(world, app, state, revisions, false);
    if (fault?.outcome === "errorLoadTarget") throw new Error(faultText(fault, "manifests failed"));
    if (!rendered.ok) return failed("Error", `ComparisonError: ${rendered.message}`, result);
    manifests = rendered.manifests;
  } catch (error) {
    const text = `Failed to load target state: failed to generate manifest for source 1 of ${sourcesOf(app).length}: ${(error as Error).message}`;
    return failed(
      "Error",
      `ComparisonError: ${text}`,
      emptyResult(
        app,
        wanted.map((item) => item ?? ""),
      ),
    );
  }

  const chosen = sync.resources;
  const inScope = manifests.filter(
    (manifest) =>
      chosen === undefined ||
      chosen.some((item) => item.kind === manifest.kind && item.name === manifest.metadata.name),
  );
  const refused = refusal(fault, inScope, result);
  if (refused !== undefined) {
    await world.scheduler.sleep(world.timings.apply);
    return refused;
  }
  const hook = await runHook(world, name, state, "PreSync", fault, result);
  if (hook !== undefined) return hook;
  if (sync.dryRun === true) {
    await world.scheduler.sleep(world.timings.apply);
    return {
      phase: "Succeeded",
      message: "successfully synced (dry run)",
      syncResult: result,
      deployed: false,
    };
  }
  const waves = await applyWaves(world, name, state, inScope, result, fault);
  if (waves !== undefined) return waves;
  prune(world, name, state, manifests, sync.prune === true, chosen !== undefined, result);
  const after = await runHook(world, name, state, "PostSync", fault, result);
  if (after !== undefined) return after;
  return {
    phase: "Succeeded",
    message: "successfully synced (all tasks run)",
    syncResult: result,
    deployed: chosen === undefined,
  };
}

function failed(phase: "Failed" | "Error", message: string, syncResult?: SyncResult): Outcome {
  return { phase, message, syncResult, deployed: false };
}

function faultText(fault: SyncFault, otherwise: string): string {
  return fault.message ?? otherwise;
}

function emptyResult(app: Application, revisions: string[]): SyncResult {
  if (app.spec.sources === undefined) {
    return { revision: revisions[0] ?? "", source: structuredClone(app.spec.source!) };
  }
  return {
    revision: "",
    source: { repoURL: "" },
    sources: structuredClone(app.spec.sources),
    revisions,
  };
}

/** A dry run that fails, or an apply that the API server refuses. */
function refusal(
  fault: SyncFault | undefined,
  manifests: Manifest[],
  result: SyncResult,
): Outcome | undefined {
  if (fault?.outcome !== "failAtApply" && fault?.outcome !== "dryRunFail") return undefined;
  const bad =
    manifests.find((manifest) => keyOf(manifest) === fault.resource) ??
    manifests.find((manifest) => manifest.kind === "Deployment") ??
    manifests[0]!;
  const reason = faultText(
    fault,
    `${bad.kind}.${groupVersion(bad).group} "${bad.metadata.name}" is invalid: spec.template.spec.containers[0].image: Required value`,
  );
  result.resources = [{ ...entryFor(bad), status: "SyncFailed", message: reason }];
  const lead =
    fault.outcome === "dryRunFail"
      ? "one or more objects failed to apply (dry run)"
      : "one or more objects failed to apply";
  return failed("Failed", `${lead}, reason: ${reason}`, result);
}

async function applyWaves(
  world: World,
  name: string,
  state: AppState,
  manifests: Manifest[],
  result: SyncResult,
  fault: SyncFault | undefined,
): Promise<Outcome | undefined> {
  const waves = [...new Set(manifests.map(waveOf))].sort((a, b) => a - b);
  for (const [index, wave] of waves.entries()) {
    await world.scheduler.sleep(world.timings.apply);
    if (isOver(world, name)) return failed("Failed", "Operation terminated", result);
    for (const manifest of manifests.filter((item) => waveOf(item) === wave)) {
      const existed = state.live.resources.has(keyOf(manifest));
      const changed = applyManifest(world, name, state, manifest);
      const verb = existed ? (changed ? "configured" : "unchanged") : "created";
      const group = groupVersion(manifest).group;
      const kind = `${manifest.kind.toLowerCase()}${group === "" ? "" : `.${group}`}`;
      const images = imagesOf(manifest, { init: false });
      result.resources = [
        ...(result.resources ?? []),
        {
          ...entryFor(manifest),
          status: "Synced",
          message: `${kind}/${manifest.metadata.name} ${verb}`,
          ...(images.length === 0 ? {} : { images }),
        },
      ];
    }
    const stuck = fault?.outcome === "stuckRunning";
    if (waves.length === 1 && !stuck) continue;
    if (index === waves.length - 1 && !stuck) continue;
    const outcome = await waitForHealthy(world, name, state, manifests, wave, result, stuck);
    if (outcome !== undefined) return outcome;
    await world.scheduler.sleep(world.timings.betweenWaves);
  }
  return undefined;
}

async function waitForHealthy(
  world: World,
  name: string,
  state: AppState,
  manifests: Manifest[],
  wave: number,
  result: SyncResult,
  stuck: boolean,
): Promise<Outcome | undefined> {
  for (;;) {
    if (isOver(world, name)) return failed("Failed", "Operation terminated", result);
    const unhealthy = manifests
      .filter((manifest) => waveOf(manifest) <= wave)
      .filter((manifest) => {
        const status = resourceHealth(state.live, keyOf(manifest))?.status ?? "Healthy";
        return status !== "Healthy" || (stuck && manifest.kind === "Deployment");
      });
    if (unhealthy.length === 0) return undefined;
    const first = unhealthy[0]!;
    const health = resourceHealth(state.live, keyOf(first))?.status;
    const place = `${groupVersion(first).group}/${first.kind}/${first.metadata.name}`;
    if (health === "Degraded") {
      return failed("Failed", "one or more synchronization tasks completed unsuccessfully", result);
    }
    const more = unhealthy.length > 1 ? ` and ${unhealthy.length - 1} more resources` : "";
    say(world, name, `waiting for healthy state of ${place}${more}`, result);
    await world.scheduler.sleep(world.timings.apply);
  }
}

async function runHook(
  world: World,
  name: string,
  state: AppState,
  type: "PreSync" | "PostSync",
  fault: SyncFault | undefined,
  result: SyncResult,
): Promise<Outcome | undefined> {
  const hook = state.config.hook;
  const fails = fault?.outcome === "hookFail" && type === (hook?.type ?? "PreSync");
  if (hook?.type !== type && !fails) return undefined;
  const job = hook?.name ?? "migrate";
  const namespace = world.store.get(name)?.spec.destination.namespace ?? "default";
  say(world, name, `waiting for completion of hook batch/Job/${job}`, result);
  await world.scheduler.sleep(hook?.ms ?? world.timings.apply);
  const done: ResourceResult = {
    group: "batch",
    version: "v1",
    kind: "Job",
    namespace,
    name: job,
    hookType: type,
    syncPhase: type,
    hookPhase: fails ? "Failed" : "Succeeded",
    message: fails ? faultText(fault, "Job has reached the specified backoff limit") : "",
  };
  result.resources = [...(result.resources ?? []), done];
  if (!fails) return undefined;
  return failed("Failed", "one or more synchronization tasks completed unsuccessfully", result);
}

function prune(
  world: World,
  name: string,
  state: AppState,
  manifests: Manifest[],
  allowed: boolean,
  partial: boolean,
  result: SyncResult,
): void {
  if (partial) return;
  const desired = new Set(manifests.map(keyOf));
  for (const [key, manifest] of state.live.resources) {
    if (desired.has(key)) continue;
    if (allowed) removeManifest(world, name, state, key);
    result.resources = [
      ...(result.resources ?? []),
      {
        ...entryFor(manifest),
        status: allowed ? "Pruned" : "PruneSkipped",
        message: allowed ? "pruned" : "ignored (requires pruning)",
      },
    ];
  }
}

function entryFor(manifest: Manifest): ResourceResult {
  return {
    ...groupVersion(manifest),
    kind: manifest.kind,
    namespace: manifest.metadata.namespace,
    name: manifest.metadata.name,
    hookPhase: "Running",
    syncPhase: "Sync",
  };
}

function say(world: World, name: string, message: string, result: SyncResult): void {
  world.store.patch(name, "operation message", (app) => {
    const current = app.status.operationState;
    if (current?.phase !== "Running") return;
    current.message = message;
    current.syncResult = structuredClone(result);
  });
}

function isOver(world: World, name: string): boolean {
  const app = world.store.get(name);
  return app?.operation === undefined || app.status.operationState?.phase === "Terminating";
}
