import type { HealthStatus } from "./application.ts";
import type { Manifest } from "./manifests.ts";
import { readWorkload } from "./manifests.ts";

export type Pod = {
  name: string;
  images: string[];
  /** Which pod template it was made from: pods of another one are "old". */
  template: string;
  phase: "Pending" | "Running" | "Succeeded" | "Failed";
  ready: boolean;
  waiting?: { reason: string; message: string };
  ownerKind: "ReplicaSet" | "StatefulSet" | "Job";
  createdAt: string;
};

/** One Deployment, StatefulSet or CronJob as the cluster has it. */
export type LiveWorkload = {
  name: string;
  manifest: Manifest;
  template: string;
  replicas: number;
  generation: number;
  observedGeneration: number;
  pods: Pod[];
  deadlineExceeded: boolean;
  suspended: boolean;
  /** Raised by every rollout; an older rollout that sees another number stops. */
  sequence: number;
};

export type Live = {
  resources: Map<string, Manifest>;
  workloads: Map<string, LiveWorkload>;
};

export type Health = { status: HealthStatus; message?: string };

const WORST: HealthStatus[] = [
  "Healthy",
  "Suspended",
  "Progressing",
  "Missing",
  "Degraded",
  "Unknown",
];

export function emptyLive(): Live {
  return { resources: new Map(), workloads: new Map() };
}

export function templateOf(manifest: Manifest): string {
  return JSON.stringify(readWorkload(manifest).pod);
}

/** gitops-engine/pkg/health/health_deployment.go and health_statefulset.go. */
export function workloadHealth(workload: LiveWorkload): Health {
  const kind = workload.manifest.kind;
  if (kind === "CronJob") return { status: "Healthy" };
  if (workload.suspended) return { status: "Suspended", message: `${kind} is paused` };
  if (workload.generation > workload.observedGeneration) {
    return {
      status: "Progressing",
      message: `Waiting for rollout to finish: observed ${kind.toLowerCase()} generation less than desired generation`,
    };
  }
  if (workload.deadlineExceeded) {
    return {
      status: "Degraded",
      message: `${kind} "${workload.name}" exceeded its progress deadline`,
    };
  }
  const pods = workload.pods.filter((pod) => pod.ownerKind !== "Job");
  const updated = pods.filter((pod) => pod.template === workload.template);
  const available = updated.filter((pod) => pod.ready);
  const waiting = (text: string): Health => ({
    status: "Progressing",
    message: `Waiting for rollout to finish: ${text}`,
  });
  if (updated.length < workload.replicas) {
    return waiting(
      `${updated.length} out of ${workload.replicas} new replicas have been updated...`,
    );
  }
  if (pods.length > updated.length) {
    return waiting(`${pods.length - updated.length} old replicas are pending termination...`);
  }
  if (available.length < updated.length) {
    return waiting(`${available.length} of ${updated.length} updated replicas are available...`);
  }
  return { status: "Healthy" };
}

/** gitops-engine/pkg/health/health_pod.go: a back-off is Degraded at once, on the pod only. */
export function podHealth(pod: Pod): Health {
  if (pod.waiting !== undefined && /^Err|Error$|BackOff$/.test(pod.waiting.reason)) {
    return { status: "Degraded", message: pod.waiting.message };
  }
  if (pod.phase === "Pending") return { status: "Progressing" };
  if (pod.phase === "Succeeded") return { status: "Healthy" };
  if (pod.phase === "Failed") return { status: "Degraded" };
  return { status: pod.ready ? "Healthy" : "Progressing" };
}

export function resourceHealth(live: Live, key: string): Health | undefined {
  const manifest = live.resources.get(key);
  if (manifest === undefined) return { status: "Missing" };
  const workload = live.workloads.get(key);
  if (workload !== undefined) return workloadHealth(workload);
  return manifest.kind === "Service" ? { status: "Healthy" } : undefined;
}

/** Worst of the directly managed resources; since 3.4 a missing one does not count (controller/health.go:75). */
export function worstHealth(healths: HealthStatus[]): HealthStatus {
  const counted = healths.filter((status) => status !== "Missing");
  return counted.reduce<HealthStatus>(
    (worst, status) => (WORST.indexOf(status) > WORST.indexOf(worst) ? status : worst),
    "Healthy",
  );
}

/** `status.summary.images`: images of pods only, sorted and unique. */
export function podImages(live: Live): string[] {
  const images = new Set<string>();
  for (const workload of live.workloads.values()) {
    for (const pod of workload.pods) for (const image of pod.images) images.add(image);
  }
  return [...images].sort();
}
