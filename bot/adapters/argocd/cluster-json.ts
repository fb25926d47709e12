import { z } from "zod";

import type { TreeNode } from "#core/rollout-images.ts";

const text = z.string().nullish().catch(undefined);

/** `GET …/resource-tree`. */
export const TreeJson = z.object({
  nodes: z
    .array(
      z.object({
        uid: text,
        kind: text,
        name: text,
        parentRefs: z
          .array(z.object({ uid: text }))
          .nullish()
          .catch(undefined),
        images: z.array(z.string()).nullish().catch(undefined),
        info: z
          .array(z.object({ name: text, value: text }))
          .nullish()
          .catch(undefined),
        health: z.object({ status: text, message: text }).nullish().catch(undefined),
      }),
    )
    .nullish(),
});

export function treeFrom(json: z.output<typeof TreeJson>): readonly TreeNode[] {
  return (json.nodes ?? []).map((node) => ({
    uid: node.uid ?? "",
    kind: node.kind ?? "",
    name: node.name ?? "",
    parents: (node.parentRefs ?? []).flatMap(({ uid }) => (uid ? [uid] : [])),
    images: node.images ?? [],
    reason: node.info?.find(({ name }) => name === "Status Reason")?.value ?? "",
    health: node.health?.status ?? "",
    message: node.health?.message ?? "",
  }));
}

/** `GET …/managed-resources`: manifests as JSON text, `"null"` for one that does not exist. */
export const ManagedResourcesJson = z.object({
  items: z.array(z.object({ liveState: text })).nullish(),
});

/** Images of every pod template among the live manifests: Deployments, CronJobs, and whatever else has one. */
export function liveImagesFrom(json: z.output<typeof ManagedResourcesJson>): readonly string[] {
  const images = new Set<string>();
  for (const { liveState } of json.items ?? []) {
    const manifest = parse(liveState ?? "null");
    if (isObject(manifest)) collect(manifest["spec"], images, 0);
  }
  return [...images];
}

/** Deepest pod template known: CronJob, `spec.jobTemplate.spec.template.spec`. */
const deepest = 6;

function collect(value: unknown, images: Set<string>, depth: number): void {
  if (!isObject(value) || depth > deepest) return;
  for (const key of ["containers", "initContainers"]) {
    const containers = value[key];
    for (const container of Array.isArray(containers) ? (containers as unknown[]) : [])
      if (isObject(container) && typeof container["image"] === "string")
        images.add(container["image"]);
  }
  for (const key of ["template", "jobTemplate", "spec"]) collect(value[key], images, depth + 1);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
