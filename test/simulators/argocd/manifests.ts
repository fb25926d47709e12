type Container = { name: string; image: string; env?: { name: string; value: string }[] };

export type WorkloadKind = "Deployment" | "StatefulSet" | "CronJob";

/** A Kubernetes object as far as the simulator needs it. */
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; annotations?: Record<string, string> };
  spec?: unknown;
  data?: Record<string, string>;
};

export type PodTemplate = { containers: Container[]; initContainers: Container[] };

const ORDER = ["ConfigMap", "Service", "Deployment", "StatefulSet", "CronJob"];

export function keyOf(manifest: Manifest): string {
  return `${manifest.kind}/${manifest.metadata.name}`;
}

export function isWorkload(manifest: Manifest): boolean {
  return ["Deployment", "StatefulSet", "CronJob"].includes(manifest.kind);
}

/** Kinds in the order in which a sync applies them. */
export function inApplyOrder(manifests: Manifest[]): Manifest[] {
  return manifests.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
}

export function waveOf(manifest: Manifest): number {
  return Number(manifest.metadata.annotations?.["argocd.argoproj.io/sync-wave"] ?? 0);
}

export function groupVersion(manifest: Manifest): { group: string; version: string } {
  const [first = "", second] = manifest.apiVersion.split("/");
  return second === undefined ? { group: "", version: first } : { group: first, version: second };
}

export function workloadManifest(
  kind: WorkloadKind,
  meta: { name: string; namespace: string; wave: number },
  replicas: number,
  pod: PodTemplate,
): Manifest {
  const podSpec = {
    containers: pod.containers,
    ...(pod.initContainers.length === 0 ? {} : { initContainers: pod.initContainers }),
  };
  const metadata = {
    name: meta.name,
    namespace: meta.namespace,
    ...(meta.wave === 0
      ? {}
      : { annotations: { "argocd.argoproj.io/sync-wave": String(meta.wave) } }),
  };
  if (kind === "CronJob") {
    const spec = {
      schedule: "0 3 * * *",
      jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: "OnFailure" } } } },
    };
    return { apiVersion: "batch/v1", kind, metadata, spec };
  }
  return {
    apiVersion: "apps/v1",
    kind,
    metadata,
    spec: {
      replicas,
      selector: { matchLabels: { app: meta.name } },
      template: { metadata: { labels: { app: meta.name } }, spec: podSpec },
    },
  };
}

/** Replicas and pod of a workload manifest that the simulator rendered. */
export function readWorkload(manifest: Manifest): { replicas: number; pod: PodTemplate } {
  type PodSpec = { containers: Container[]; initContainers?: Container[] };
  type Spec = {
    replicas?: number;
    template?: { spec: PodSpec };
    jobTemplate?: { spec: { template: { spec: PodSpec } } };
  };
  const spec = manifest.spec as Spec;
  const pod = spec.template?.spec ?? spec.jobTemplate!.spec.template.spec;
  return {
    replicas: manifest.kind === "CronJob" ? 0 : (spec.replicas ?? 1),
    pod: { containers: pod.containers, initContainers: pod.initContainers ?? [] },
  };
}

export function imagesOf(manifest: Manifest, options: { init: boolean }): string[] {
  if (!isWorkload(manifest)) return [];
  const { pod } = readWorkload(manifest);
  const containers = options.init ? [...pod.initContainers, ...pod.containers] : pod.containers;
  return containers.map((container) => container.image);
}
