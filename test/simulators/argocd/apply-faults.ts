import type { FaultRule } from "./fault-rule.ts";
import type { World } from "./world.ts";

/** Replaces the fault plan; an empty list heals everything except a clock that has jumped. */
export function applyFaults(world: World, rules: FaultRule[]): void {
  const { faults, store, scheduler } = world;
  faults.held = 0;
  faults.rules = rules.filter((rule) => rule.kind !== "backend" && rule.kind !== "clock");
  const backend = {
    k8sDown: false,
    controllerDown: false,
    repoServerDown: false,
    gitDown: false,
    redisMiss: false as "error" | "hang" | false,
    replicas: 1 as 1 | 2,
    shardPaused: new Set<string>(),
  };
  let frozen = false;
  for (const rule of rules) {
    if (rule.kind === "clock") scheduler.jump(rule.jumpMs);
    if (rule.kind !== "backend") continue;
    backend.k8sDown ||= rule.k8sDown ?? false;
    backend.controllerDown ||= rule.controllerDown ?? false;
    backend.repoServerDown ||= rule.repoServerDown ?? false;
    backend.gitDown ||= rule.gitDown ?? false;
    backend.redisMiss = rule.redisMiss ?? backend.redisMiss;
    backend.replicas = rule.replicas ?? backend.replicas;
    for (const app of rule.shardPaused ?? []) backend.shardPaused.add(app);
    frozen ||= rule.informerFrozen ?? false;
  }
  Object.assign(faults.backend, backend);
  store.freezeInformers(frozen);
  applyWorkloadFaults(world, rules);
}

function applyWorkloadFaults(world: World, rules: FaultRule[]): void {
  for (const [name, state] of world.states) {
    const mine = rules.filter(
      (rule) => rule.kind === "workload" && new RegExp(rule.app ?? ".").test(name),
    );
    const suspended = mine.some((rule) => rule.kind === "workload" && rule.outcome === "suspended");
    const leftover = mine.find(
      (rule) => rule.kind === "workload" && rule.outcome === "leftoverJobPod",
    );
    for (const workload of state.live.workloads.values()) {
      workload.suspended = suspended;
      workload.pods = workload.pods.filter((pod) => pod.ownerKind !== "Job");
      if (leftover?.kind !== "workload") continue;
      workload.pods.push({
        name: `${workload.name}-migrate-x1y2z`,
        images: [leftover.image ?? `${workload.name}:old`],
        template: "job",
        phase: "Succeeded",
        ready: false,
        ownerKind: "Job",
        createdAt: world.scheduler.stamp(),
      });
    }
    world.requestRefresh(name, 1);
  }
}
