import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import type { IServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor";
import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";
import type { IRoleBinding } from "kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding";
import type { IConfigMap } from "kubernetes-models/v1/ConfigMap";
import type { IService } from "kubernetes-models/v1/Service";
import { describe, expect, inject, it } from "vitest";

import { readSettings } from "../../service/settings.ts";
import { type KubernetesObject, theObject } from "./render.ts";
import { leastValues, renderTenant } from "./tenant-releases.ts";

const { helm } = inject("tools");
const objects: readonly KubernetesObject[] =
  helm === null ? [] : await renderTenant(helm, "prod", { config: { LOG_LEVEL: "debug" } });

describe.skipIf(helm === null)("the workload", () => {
  const deployment = theDeployment();
  const pod = deployment?.template.spec;
  const container = pod?.containers[0];

  it("replaces pods one by one, and none before the next is ready", () => {
    expect(deployment?.strategy).toEqual({
      type: "RollingUpdate",
      rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
    });
  });

  it("runs on worker nodes only, spread over them", () => {
    expect(
      pod?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
        ?.nodeSelectorTerms,
    ).toEqual([
      {
        matchExpressions: [
          { key: "node-role.kubernetes.io/control-plane", operator: "DoesNotExist" },
        ],
      },
    ]);
    expect(pod?.topologySpreadConstraints).toMatchObject([
      {
        topologyKey: "kubernetes.io/hostname",
        labelSelector: { matchLabels: deployment?.selector.matchLabels },
      },
    ]);
  });

  it("is asked as the platform asks every service", () => {
    expect(container?.startupProbe).toEqual({
      httpGet: { path: "/health", port: "http" },
      periodSeconds: 10,
      failureThreshold: 30,
    });
    expect(container?.livenessProbe).toEqual({
      httpGet: { path: "/health", port: "http" },
      initialDelaySeconds: 30,
      periodSeconds: 10,
    });
    expect(container?.readinessProbe).toEqual({
      httpGet: { path: "/readyz", port: "http" },
      initialDelaySeconds: 10,
      periodSeconds: 5,
    });
  });

  it("is given longer to stop than the service takes at most", async () => {
    const source = await readFile(resolve(import.meta.dirname, "../../service/main.ts"), "utf8");
    const [, limit] = /STOP_LIMIT_MS = ([\d_]+)/.exec(source) ?? [];
    const serviceSeconds = Number(limit?.replaceAll("_", "")) / 1_000;
    const pause = container?.lifecycle?.preStop?.sleep?.seconds;
    expect(serviceSeconds).toBeGreaterThan(0);
    expect(pause).toBeGreaterThan(0);
    expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(serviceSeconds + (pause ?? 0));
  });

  it("sets only what the service understands", () => {
    const { data } = theObject<IConfigMap>(objects, "ConfigMap");
    expect(container?.envFrom).toEqual([{ configMapRef: { name: "tenant-service" } }]);
    const direct = (container?.env ?? []).map(({ name, value }) => [name, value ?? "Hej"] as const);
    const read = readSettings({ ...data, ...Object.fromEntries(direct) });
    expect(read).toMatchObject({
      ok: true,
      settings: {
        tenant: "tenant-x",
        environment: "prod",
        version: "sha-1a2b3c4",
        greeting: "Hej",
        port: 8000,
        readinessDelaySeconds: 10,
        logLevel: "debug",
      },
    });
    expect(container?.ports).toEqual([{ name: "http", containerPort: 8000 }]);
    // The greeting is a secret: by reference, never in the open.
    expect(container?.env?.find(({ name }) => name === "GREETING")).toEqual({
      name: "GREETING",
      valueFrom: { secretKeyRef: { name: "tenant-service", key: "GREETING" } },
    });
    expect(data).not.toHaveProperty("GREETING");
  });

  it("restarts when its settings change, and not otherwise", async () => {
    const [same, other] = await Promise.all([
      renderTenant(helm ?? "", "prod", {
        config: { LOG_LEVEL: "debug" },
        loadGate: { enabled: true },
      }),
      renderTenant(helm ?? "", "prod", { config: { LOG_LEVEL: "info" } }),
    ]);
    const annotations = deployment?.template.metadata?.annotations;
    expect(theDeployment(same)?.template.metadata?.annotations).toEqual(annotations);
    expect(theDeployment(other)?.template.metadata?.annotations).not.toEqual(annotations);
  });

  it("is found by everything that selects it", () => {
    const labels = deployment?.template.metadata?.labels;
    const selectors = objects.flatMap(({ kind, spec }) => {
      const { selector, podSelector } = (spec ?? {}) as Record<string, Selector | undefined>;
      // A monitor selects a Service, and is looked at below.
      const found = kind === "ServiceMonitor" ? undefined : (selector ?? podSelector);
      if (found === undefined) return [];
      return [{ kind, labels: kind === "Service" ? found : (found.matchLabels ?? {}) }];
    });
    expect(selectors.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["Deployment", "NetworkPolicy", "PodDisruptionBudget", "Service"]),
    );
    for (const selector of selectors) {
      expect({ ...selector, labels }).toMatchObject(selector);
    }
  });

  it("is scraped at a port that its Service has", () => {
    const service = theObject<IService>(objects, "Service");
    const { spec } = theObject<IServiceMonitor>(objects, "ServiceMonitor");
    expect(service.metadata.labels).toMatchObject(spec?.selector?.matchLabels ?? { none: "" });
    expect(spec?.endpoints).toEqual([{ port: "http", path: "/metrics", interval: "15s" }]);
    expect(service.spec?.ports).toEqual([{ name: "http", port: 80, targetPort: "http" }]);
  });

  it("pulls its image with a Secret where one is named", async () => {
    const image = { ...leastValues.image, pullSecret: "ghcr" };
    const own = await renderTenant(helm ?? "", "prod", { image });
    const account = { automountServiceAccountToken: false, imagePullSecrets: [{ name: "ghcr" }] };
    expect(theObject(own, "ServiceAccount")).toMatchObject(account);
    expect(theObject(objects, "ServiceAccount")).not.toHaveProperty("imagePullSecrets");
  });

  it("lets its team read this namespace, and nothing else", () => {
    const binding = theObject<IRoleBinding>(objects, "RoleBinding");
    expect(binding.metadata.namespace).toBe("tenant-x-prod");
    expect(binding.roleRef).toMatchObject({ kind: "ClusterRole", name: "view" });
    expect(binding.subjects).toEqual([
      { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "payments" },
    ]);
    expect(objects.some(({ kind }) => kind === "ClusterRoleBinding" || kind === "Role")).toBe(
      false,
    );
  });
});

describe.skipIf(helm === null)("the secret", () => {
  it("is fetched from the platform's store, once an hour", () => {
    expect(theObject(objects, "ExternalSecret")).toMatchObject({
      apiVersion: "external-secrets.io/v1",
      spec: {
        refreshInterval: "1h",
        secretStoreRef: { kind: "ClusterSecretStore", name: "platform" },
        target: { name: "tenant-service" },
        data: [
          {
            secretKey: "GREETING",
            // What the operator fills in is written out: Argo CD compares lists whole.
            remoteRef: {
              key: "tenants/tenant-x/prod",
              property: "GREETING",
              conversionStrategy: "Default",
              decodingStrategy: "None",
              metadataPolicy: "None",
              nullBytePolicy: "Ignore",
            },
          },
        ],
      },
    });
  });

  it("can be one that is there already", async () => {
    const own = await renderTenant(helm ?? "", "prod", { secret: { existing: "greeting" } });
    expect(own.some(({ kind }) => kind === "ExternalSecret")).toBe(false);
    const env = theDeployment(own)?.template.spec?.containers[0]?.env;
    expect(env?.find(({ name }) => name === "GREETING")?.valueFrom?.secretKeyRef?.name).toBe(
      "greeting",
    );
  });
});

type Selector = { readonly matchLabels?: Readonly<Record<string, string>> };

function theDeployment(from = objects): IDeployment["spec"] {
  return from.length === 0 ? undefined : theObject<IDeployment>(from, "Deployment").spec;
}
