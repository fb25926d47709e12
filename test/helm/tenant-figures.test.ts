import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IHorizontalPodAutoscaler } from "kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler";
import type { IPodDisruptionBudget } from "kubernetes-models/policy/v1/PodDisruptionBudget";
import type { ILimitRange } from "kubernetes-models/v1/LimitRange";
import type { IResourceQuota } from "kubernetes-models/v1/ResourceQuota";
import { describe, expect, inject, it } from "vitest";

import { quantity } from "./quantity.ts";
import { type KubernetesObject, renderChart, theObject } from "./render.ts";
import { renderTenant, tenantChart, tenantReleases } from "./tenant-releases.ts";

const { helm } = inject("tools");

function hasKind(objects: readonly KubernetesObject[], kind: string): boolean {
  return objects.some((each) => each.kind === kind);
}

function containerOf(objects: readonly KubernetesObject[]) {
  const { spec } = theObject<IDeployment>(objects, "Deployment");
  const [container] = spec?.template.spec?.containers ?? [];
  if (container === undefined) throw new Error("no container");
  return container;
}

describe.skipIf(helm === null)("figures by environment", () => {
  const table = [
    {
      environment: "dev",
      replicas: 1,
      requests: { cpu: "50m", memory: "64Mi" },
      autoscaling: null,
      budget: null,
    },
    {
      environment: "staging",
      replicas: null,
      requests: { cpu: "100m", memory: "128Mi" },
      autoscaling: { minReplicas: 2, maxReplicas: 6 },
      budget: "50%",
    },
    {
      environment: "prod",
      replicas: null,
      requests: { cpu: "200m", memory: "256Mi" },
      autoscaling: { minReplicas: 3, maxReplicas: 6 },
      budget: "50%",
    },
  ];

  it.for(table)(
    "$environment",
    async ({ environment, replicas, requests, autoscaling, budget }) => {
      const objects = await renderTenant(helm ?? "", environment);
      const deployment = theObject<IDeployment>(objects, "Deployment");
      const { resources } = containerOf(objects);
      expect(resources?.requests).toEqual(requests);
      expect(quantity(resources?.limits?.["cpu"])).toBeLessThanOrEqual(quantity("500m"));
      expect(quantity(resources?.limits?.["memory"])).toBeLessThanOrEqual(quantity("512Mi"));
      expect(deployment.spec?.replicas ?? null).toBe(replicas);
      expect(hasKind(objects, "HorizontalPodAutoscaler")).toBe(autoscaling !== null);
      if (autoscaling !== null) {
        const { spec } = theObject<IHorizontalPodAutoscaler>(objects, "HorizontalPodAutoscaler");
        const target = { type: "Utilization", averageUtilization: 70 };
        expect(spec).toMatchObject({
          ...autoscaling,
          scaleTargetRef: { kind: "Deployment", name: deployment.metadata.name },
          metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
        });
      }
      expect(hasKind(objects, "PodDisruptionBudget")).toBe(budget !== null);
      expect(hasKind(objects, "VerticalPodAutoscaler")).toBe(false);
    },
  );

  it.for([
    ["dev", 1],
    ["staging", 2],
    ["prod", 3],
  ] as const)(
    "%s runs %i replicas where the autoscaler is off",
    async ([environment, replicas]) => {
      const objects = await renderTenant(helm ?? "", environment, {
        autoscaling: { enabled: false },
      });
      expect(theObject<IDeployment>(objects, "Deployment").spec?.replicas).toBe(replicas);
      expect(hasKind(objects, "HorizontalPodAutoscaler")).toBe(false);
    },
  );

  it("takes single figures of a tenant's own and keeps the others", async () => {
    const objects = await renderTenant(helm ?? "", "prod", {
      resources: { requests: { memory: "300Mi" } },
      autoscaling: { maxReplicas: 9 },
    });
    expect(containerOf(objects).resources).toEqual({
      requests: { cpu: "200m", memory: "300Mi" },
      limits: { cpu: "500m", memory: "512Mi" },
    });
    expect(
      theObject<IHorizontalPodAutoscaler>(objects, "HorizontalPodAutoscaler").spec,
    ).toMatchObject({ minReplicas: 3, maxReplicas: 9 });
  });
});

describe.skipIf(helm === null)("the disruption budget", () => {
  it.for([
    { pods: 0, minAvailable: "50%", there: false },
    { pods: 1, minAvailable: "50%", there: false },
    { pods: 2, minAvailable: "50%", there: true },
    { pods: 3, minAvailable: "50%", there: true },
    // Rounded up: 99% of three pods are all three.
    { pods: 3, minAvailable: "99%", there: false },
    { pods: 3, minAvailable: "67%", there: false },
    { pods: 3, minAvailable: "66%", there: true },
    { pods: 2, minAvailable: 2, there: false },
    { pods: 2, minAvailable: 1, there: true },
  ])("of $minAvailable over $pods pods is there: $there", async ({ pods, minAvailable, there }) => {
    const objects = await renderTenant(helm ?? "", "staging", {
      replicas: pods,
      autoscaling: { enabled: false },
      podDisruptionBudget: { minAvailable },
    });
    expect(hasKind(objects, "PodDisruptionBudget")).toBe(there);
    if (there) {
      const { spec } = theObject<IPodDisruptionBudget>(objects, "PodDisruptionBudget");
      expect(spec?.minAvailable).toBe(minAvailable);
    }
  });

  it("counts the fewest that the autoscaler keeps", async () => {
    const autoscaling = { minReplicas: 1 };
    const objects = await renderTenant(helm ?? "", "staging", { autoscaling });
    expect(hasKind(objects, "PodDisruptionBudget")).toBe(false);
  });
});

describe.skipIf(helm === null)("quota and limits of the namespace", () => {
  const overridden = {
    ...tenantReleases.find(({ environment }) => environment === "prod")!,
    set: { autoscaling: { maxReplicas: 11 }, resources: { limits: { memory: "384Mi" } } },
  };
  const rows = [
    ...tenantReleases.map((release) => ({ title: release.release, release })),
    { title: "figures of a tenant's own", release: overridden },
  ];
  it.for(rows)("$title: fit what a rollout needs at most", async ({ release }) => {
    const objects = await renderChart(helm ?? "", tenantChart, release);
    const { spec: deployment } = theObject<IDeployment>(objects, "Deployment");
    const autoscaler = objects.find(({ kind }) => kind === "HorizontalPodAutoscaler");
    const scaled = (autoscaler as IHorizontalPodAutoscaler | undefined)?.spec?.maxReplicas;
    const surge = Number(deployment?.strategy?.rollingUpdate?.maxSurge);
    const pods = (scaled ?? deployment?.replicas ?? Number.NaN) + surge;
    const { resources } = containerOf(objects);
    const { spec: quota } = theObject<IResourceQuota>(objects, "ResourceQuota");
    const { spec: range } = theObject<ILimitRange>(objects, "LimitRange");
    const [limit] = range?.limits ?? [];
    expect(quantity(quota?.hard?.["pods"])).toBeGreaterThanOrEqual(pods);
    for (const name of ["cpu", "memory"]) {
      for (const kind of ["requests", "limits"] as const) {
        const needed = pods * quantity(resources?.[kind]?.[name]);
        const allowed = quantity(quota?.hard?.[`${kind}.${name}`]);
        expect(allowed).toBeGreaterThanOrEqual(needed);
        // One pod more, for one that is still stopping; what is wider would be no quota.
        expect(allowed).toBeLessThan(needed * (1 + 1.5 / pods));
      }
      expect(quantity(limit?.max?.[name])).toBeGreaterThanOrEqual(
        quantity(resources?.limits?.[name]),
      );
    }
    expect(limit).toMatchObject({
      type: "Container",
      default: resources?.limits,
      defaultRequest: resources?.requests,
    });
  });
});
