import type { ImageRule } from "./image-rule.ts";
import { ruleFor } from "./image-rule.ts";
import type { Started } from "./instance.ts";
import { startInstance, stopInstance } from "./instance.ts";
import type { LiveWorkload, Pod } from "./live.ts";
import { templateOf } from "./live.ts";
import type { Manifest } from "./manifests.ts";
import { imagesOf, isWorkload, keyOf, readWorkload } from "./manifests.ts";
import type { AppState, World } from "./world.ts";
import { background } from "./world.ts";

/** What the cluster does with an applied object; true when it differed from what was there. */
export function applyManifest(
  world: World,
  app: string,
  state: AppState,
  manifest: Manifest,
): boolean {
  const key = keyOf(manifest);
  const before = state.live.resources.get(key);
  if (JSON.stringify(before) === JSON.stringify(manifest)) return false;
  state.live.resources.set(key, manifest);
  if (!isWorkload(manifest)) return true;
  const workload = state.live.workloads.get(key) ?? newWorkload(manifest);
  state.live.workloads.set(key, workload);
  workload.manifest = manifest;
  workload.template = templateOf(manifest);
  workload.replicas = readWorkload(manifest).replicas;
  workload.generation += 1;
  workload.deadlineExceeded = false;
  workload.sequence += 1;
  background(world, `rollout ${app}`, rollOut(world, app, workload));
  return true;
}

export function removeManifest(world: World, app: string, state: AppState, key: string): void {
  const workload = state.live.workloads.get(key);
  state.live.resources.delete(key);
  state.live.workloads.delete(key);
  if (workload === undefined) return;
  workload.sequence += 1;
  background(world, `stop ${app}`, stopInstance(world, app, workload.name));
}

function newWorkload(manifest: Manifest): LiveWorkload {
  return {
    name: manifest.metadata.name,
    manifest,
    template: "",
    replicas: 0,
    generation: 0,
    observedGeneration: 0,
    pods: [],
    deadlineExceeded: false,
    suspended: false,
    sequence: 0,
  };
}

/** A rolling update with one pod more than asked for, one replica after the other. */
async function rollOut(world: World, app: string, workload: LiveWorkload): Promise<void> {
  const { scheduler, timings } = world;
  const mine = workload.sequence;
  const stillMine = () => workload.sequence === mine && !scheduler.stopped;
  await scheduler.sleep(timings.observeGeneration);
  if (!stillMine()) return;
  workload.observedGeneration = workload.generation;
  // Old pods that never became ready go first (the deployment controller's cleanup of unhealthy replicas).
  workload.pods = workload.pods.filter((pod) => pod.ready || pod.template === workload.template);
  const surplus = new Set(ownPods(workload).slice(workload.replicas));
  workload.pods = workload.pods.filter((pod) => !surplus.has(pod));
  if (workload.replicas === 0)
    workload.pods = workload.pods.filter((pod) => pod.ownerKind === "Job");
  world.requestRefresh(app, 1);
  if (workload.manifest.kind === "CronJob") return;
  if (workload.replicas === 0) {
    await stopInstance(world, app, workload.name);
    return;
  }

  const rule = ruleFor(world.imageRules, app, imagesOf(workload.manifest, { init: true }));
  if (workload.manifest.kind === "Deployment") watchDeadline(world, app, workload, mine);
  const started = startInstance(world, app, workload, rule);
  for (let index = ownPods(workload).length; index < workload.replicas; index += 1) {
    const pod = newPod(world, app, workload);
    workload.pods.push(pod);
    world.requestRefresh(app, 1);
    if (!(await untilReady(world, app, pod, rule, started)) || !stillMine()) return;
    pod.phase = "Running";
    pod.ready = true;
    delete pod.waiting;
    dropOldPod(workload);
    world.requestRefresh(app, 1);
  }
  const replaced = started.takeOver();
  workload.pods = workload.pods.filter(
    (pod) => pod.template === workload.template || pod.ownerKind === "Job",
  );
  workload.deadlineExceeded = false;
  world.requestRefresh(app, 1);
  await replaced;
  if (stillMine()) misbehaveLater(world, app, workload, rule, mine);
}

export function ownPods(workload: LiveWorkload): Pod[] {
  return workload.pods.filter(
    (pod) => pod.template === workload.template && pod.ownerKind !== "Job",
  );
}

function dropOldPod(workload: LiveWorkload): void {
  const old = workload.pods.findIndex(
    (pod) => pod.template !== workload.template && pod.ownerKind !== "Job",
  );
  const surplus = workload.pods.length > workload.replicas;
  if (old >= 0 && surplus) workload.pods.splice(old, 1);
}

function newPod(world: World, app: string, workload: LiveWorkload): Pod {
  const suffix = Math.floor(world.random() * 36 ** 5)
    .toString(36)
    .padStart(5, "0");
  const rewrite = world.faults.rules.find(
    (rule) =>
      rule.kind === "workload" &&
      rule.outcome === "rewriteImage" &&
      new RegExp(rule.app ?? ".").test(app),
  );
  const prefix = rewrite?.kind === "workload" ? `${rewrite.image ?? "mirror.example.com"}/` : "";
  return {
    name: `${workload.name}-${hash(workload.template)}-${suffix}`,
    images: imagesOf(workload.manifest, { init: true }).map((image) => `${prefix}${image}`),
    template: workload.template,
    phase: "Pending",
    ready: false,
    ownerKind: workload.manifest.kind === "StatefulSet" ? "StatefulSet" : "ReplicaSet",
    createdAt: world.scheduler.stamp(),
  };
}

/** The pod-template hash of a ReplicaSet's name. */
export function hash(text: string): string {
  let value = 5381;
  for (let index = 0; index < text.length; index += 1) {
    value = (value * 33 + text.charCodeAt(index)) % 4_294_967_296;
  }
  return value.toString(36);
}

async function untilReady(
  world: World,
  app: string,
  pod: Pod,
  rule: ImageRule | undefined,
  instance: Started,
): Promise<boolean> {
  const { scheduler, timings } = world;
  const bad = rule?.outcome === "pullBackOff" || rule?.outcome === "healAfter";
  if (bad || rule?.outcome === "crashLoop") {
    await scheduler.sleep(Math.min(timings.pullError, rule.ms ?? Infinity));
    pod.waiting = bad
      ? {
          reason: "ImagePullBackOff",
          message: `Back-off pulling image "${pod.images.at(-1)}": ErrImagePull: not found`,
        }
      : {
          reason: "CrashLoopBackOff",
          message: `back-off 10s restarting failed container=${pod.name.split("-")[0]} pod=${pod.name}`,
        };
    if (!bad) pod.phase = "Running";
    world.requestRefresh(app, 0);
    if (rule.outcome !== "healAfter") return false;
    await scheduler.sleep(rule.ms ?? timings.podReady * 4);
    return true;
  }
  const wait = rule?.outcome === "slow" ? (rule.ms ?? timings.podReady * 10) : timings.podReady;
  if (world.service === "real") return instance.ready();
  await scheduler.sleep(wait);
  return true;
}

/** progressDeadlineSeconds: an unfinished rollout turns Degraded; it heals once it finishes. */
function watchDeadline(world: World, app: string, workload: LiveWorkload, mine: number): void {
  world.scheduler.after(world.timings.progressDeadline, () => {
    if (workload.sequence !== mine) return;
    const ready = ownPods(workload).filter((pod) => pod.ready).length;
    if (ready >= workload.replicas) return;
    workload.deadlineExceeded = true;
    world.requestRefresh(app, 1);
  });
}

/** Outcomes that begin after the rollout has finished. */
function misbehaveLater(
  world: World,
  app: string,
  workload: LiveWorkload,
  rule: ImageRule | undefined,
  mine: number,
): void {
  if (rule === undefined) return;
  const { scheduler } = world;
  const later = (change: () => void, ms: number) =>
    scheduler.after(ms, () => {
      if (workload.sequence !== mine) return;
      change();
      world.requestRefresh(app, 1);
    });
  const ms = rule.ms ?? 2_000;
  const setReady = (ready: boolean) => {
    for (const pod of ownPods(workload)) pod.ready = ready;
  };
  if (rule.outcome === "degradeAfter") {
    later(() => {
      setReady(false);
      workload.deadlineExceeded = true;
    }, ms);
  }
  if (rule.outcome === "crashAfter") later(() => setReady(false), ms);
  if (rule.outcome === "flap") {
    const flip = (ready: boolean) => {
      later(() => {
        setReady(ready);
        flip(!ready);
      }, ms);
    };
    flip(false);
  }
}
