import { resolve } from "node:path";

import type { IDeployment } from "kubernetes-models/apps/v1/Deployment";

import { type KubernetesObject, type Rendering, renderChart, theObject } from "./render.ts";

const root = resolve(import.meta.dirname, "../..");
export const sluiceChart = resolve(root, "helm/sluice");
/** How this repository's own tree sets it. */
export const ownValues = resolve(root, "gitops/sluice/values.yaml");

/** The least that an installation says, beside Secrets of the names that the chart takes for granted. */
const least = {
  image: { tag: "v1.2.3", digest: `sha256:${"0123456789abcdef".repeat(4)}` },
  github: { appId: "123456" },
};

/** Values that say everything: whatever is off by default is on. */
const everything = {
  ...least,
  roles: "split",
  worker: { autoscaling: { enabled: true } },
  argocd: {
    instances: [
      {
        name: "default",
        url: "https://argocd-server.argocd.svc",
        secret: { name: "argocd", key: "token" },
      },
      {
        name: "eu-1",
        url: "https://argocd.eu.example.com",
        secret: { name: "argocd-eu", key: "token" },
      },
    ],
    webhookSecret: { name: "argocd", key: "webhook-token" },
  },
  registries: {
    hosts: ["ghcr.io", "registry.example.com:5000"],
    urls: { "ghcr.io": "https://mirror.example.com" },
    auth: [{ host: "registry.example.com:5000", secret: { name: "registry", key: "auth" } }],
    webhookSecret: { name: "registry", key: "hook" },
  },
  prometheusUrl: "http://prometheus.monitoring.svc:9090",
  loadUrlTemplate: "http://{service}.{tenant}-{environment}.svc",
  otlpEndpoint: "http://tempo.monitoring.svc:4318",
  notifications: { enabled: true },
  settings: { LOG_LEVEL: "debug", SLUICE_SWEEP_INTERVAL: "10m" },
  extraCertificates: { configMap: "certificates" },
  ingress: { enabled: true, host: "sluice.example.com", tlsSecret: "sluice-tls" },
};

/** The shapes in which Sluice is installed. */
export const shapes = {
  least,
  embedded: { ...least, queue: { kind: "embedded" } },
  postgres: { ...least, queue: { kind: "postgres" }, all: { replicas: 2 } },
  split: { ...least, roles: "split" },
  everything,
} as const;
export type Shape = keyof typeof shapes;
export const shapeNames = Object.keys(shapes) as Shape[];

export function sluiceRelease(set: Readonly<Record<string, unknown>>): Rendering {
  return { release: "sluice", namespace: "sluice", values: [], set };
}

/** A rendering of one shape, with values of the test's own on top. */
export function renderSluice(
  helm: string,
  shape: Shape,
  more: Readonly<Record<string, unknown>> = {},
): Promise<KubernetesObject[]> {
  return renderChart(helm, sluiceChart, sluiceRelease({ ...shapes[shape], ...more }));
}

/** The pod and its only container, of the Deployment of a name. */
export function podOf(objects: readonly KubernetesObject[], name: string) {
  const { spec } = theObject<IDeployment>(objects, "Deployment", name);
  const pod = spec?.template.spec;
  const container = pod?.containers[0];
  if (spec === undefined || pod == null || container === undefined)
    throw new Error(`Deployment ${name} has no pod`);
  return { deployment: spec, template: spec.template, pod, container };
}
