import type { Application } from "../application.ts";
import type { LiveWorkload, Pod } from "../live.ts";
import { podHealth, resourceHealth, workloadHealth } from "../live.ts";
import type { Manifest } from "../manifests.ts";
import { groupVersion, keyOf, waveOf } from "../manifests.ts";
import { hash, ownPods } from "../rollout.ts";
import type { AppState } from "../world.ts";
import { getApp } from "./access.ts";
import type { Call } from "./api.ts";
import { queryProject } from "./api.ts";
import { ApiError } from "./reply.ts";

type Ref = {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
};

function readCached(call: Call): { app: Application; state: AppState } | Promise<never> {
  const { world, accounts } = call.api;
  const name = call.params["name"]!;
  const app = getApp(world, accounts, call.session, {
    action: "get",
    project: queryProject(call.query),
    name,
  });
  const state = world.states.get(name)!;
  // Tree and managed resources come from Redis; on a miss the server refreshes and may hang.
  if (world.faults.backend.redisMiss === "hang" || !state.hydrated) {
    if (!state.hydrated && world.faults.backend.redisMiss !== "hang") {
      throw new ApiError(2, "error getting cached app managed resources: cache: key is missing");
    }
    return new Promise<never>(() => undefined);
  }
  if (world.faults.backend.redisMiss === "error") {
    throw new ApiError(2, "error getting cached app managed resources: cache: key is missing");
  }
  return { app, state };
}

/** `resource-tree`: managed resources, then ReplicaSets and Pods under their owners; images on Pods alone (info.go). */
export async function resourceTree(call: Call): Promise<unknown> {
  const { app, state } = await readCached(call);
  const hidden = call.api.world.faults.podsHidden(app.metadata.name);
  const nodes: unknown[] = [];
  for (const [key, manifest] of state.live.resources) {
    const ref = refOf(manifest);
    const health = resourceHealth(state.live, key);
    nodes.push({
      ...ref,
      ...(health === undefined ? {} : { health }),
      ...(manifest.metadata.annotations === undefined
        ? {}
        : { info: [{ name: "Sync Wave", value: String(waveOf(manifest)) }] }),
    });
    const workload = state.live.workloads.get(key);
    if (workload !== undefined && !hidden) nodes.push(...below(workload, ref));
  }
  return { nodes };
}

function below(workload: LiveWorkload, owner: Ref): unknown[] {
  const nodes: unknown[] = [];
  const groups = new Map<string, Pod[]>();
  for (const pod of workload.pods)
    groups.set(pod.template, [...(groups.get(pod.template) ?? []), pod]);
  for (const [template, pods] of groups) {
    const kind = pods[0]!.ownerKind;
    let parent = owner;
    if (kind !== "StatefulSet") {
      const job = kind === "Job";
      parent = {
        group: job ? "batch" : "apps",
        version: "v1",
        kind,
        namespace: owner.namespace,
        name: job ? pods[0]!.name.replace(/-[^-]+$/, "") : `${workload.name}-${hash(template)}`,
        uid: uid(`${owner.uid}/${template}`),
      };
      const current = ownPods(workload).length === pods.length;
      nodes.push({
        ...parent,
        parentRefs: [owner],
        ...(job ? {} : { info: [{ name: "Revision", value: current ? "Rev:2" : "Rev:1" }] }),
        health: { status: job || pods.every((pod) => pod.ready) ? "Healthy" : "Progressing" },
      });
    }
    nodes.push(...pods.map((pod) => podNode(pod, parent)));
  }
  return nodes;
}

function podNode(pod: Pod, parent: Ref): unknown {
  const reason = pod.waiting?.reason ?? (pod.phase === "Succeeded" ? "Completed" : pod.phase);
  return {
    version: "v1",
    kind: "Pod",
    namespace: parent.namespace,
    name: pod.name,
    uid: uid(pod.name),
    parentRefs: [parent],
    info: [
      { name: "Status Reason", value: reason },
      { name: "Containers", value: `${pod.ready ? 1 : 0}/1` },
    ],
    images: pod.images,
    health: podHealth(pod),
    createdAt: pod.createdAt,
  };
}

/** `managed-resources`: desired and live manifests as JSON strings. */
export async function managedResources(call: Call): Promise<unknown> {
  const { state } = await readCached(call);
  const target = state.target?.ok === true ? state.target.manifests : [];
  const keys = new Set([...target.map(keyOf), ...state.live.resources.keys()]);
  const wanted = (key: string, value: string) => [null, "", value].includes(call.query.get(key));
  const items = [...keys].sort().flatMap((key) => {
    const desired = target.find((manifest) => keyOf(manifest) === key);
    const live = state.live.resources.get(key);
    const { group, kind, namespace, name } = refOf((desired ?? live)!);
    if (!wanted("group", group) || !wanted("kind", kind) || !wanted("name", name)) return [];
    const liveState = live === undefined ? "null" : JSON.stringify(withStatus(live, state));
    return [
      {
        group,
        kind,
        namespace,
        name,
        targetState: desired === undefined ? "null" : JSON.stringify(desired),
        liveState,
        normalizedLiveState: liveState,
        predictedLiveState: desired === undefined ? liveState : JSON.stringify(desired),
        ...(JSON.stringify(desired) === JSON.stringify(live) ? {} : { modified: true }),
      },
    ];
  });
  return items.length === 0 ? {} : { items };
}

function withStatus(manifest: Manifest, state: AppState): unknown {
  const workload = state.live.workloads.get(keyOf(manifest));
  if (workload === undefined || manifest.kind === "CronJob") return manifest;
  const own = ownPods(workload);
  return {
    ...manifest,
    metadata: { ...manifest.metadata, generation: workload.generation },
    status: {
      observedGeneration: workload.observedGeneration,
      replicas: workload.pods.length,
      updatedReplicas: own.length,
      readyReplicas: own.filter((pod) => pod.ready).length,
      availableReplicas: own.filter((pod) => pod.ready).length,
      conditions: [
        {
          type: "Progressing",
          reason: workload.deadlineExceeded
            ? "ProgressDeadlineExceeded"
            : workloadHealth(workload).status === "Healthy"
              ? "NewReplicaSetAvailable"
              : "ReplicaSetUpdated",
        },
      ],
    },
  };
}

function refOf(manifest: Manifest): Ref {
  const { namespace, name } = manifest.metadata;
  return {
    ...groupVersion(manifest),
    kind: manifest.kind,
    namespace,
    name,
    uid: uid(`${namespace}/${keyOf(manifest)}`),
  };
}

function uid(text: string): string {
  const part = (seed: string) => hash(`${seed}${text}`).padStart(8, "0").slice(0, 8);
  return `${part("a")}-0000-4000-8000-${part("b")}0000`;
}
