import { describe, expect, it } from "vitest";

import { validateObject } from "./validate-object.ts";

const container = {
  name: "app",
  image: "ghcr.io/acme/tenant-service:sha-1a2b3c4",
  resources: { limits: { cpu: "1", memory: "64Mi" } },
};
const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" }, annotations: { "any.thing/at-all": "x" } },
  spec: {
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [container] } },
  },
};

function withContainer(more: object) {
  const template = { spec: { containers: [{ ...container, ...more }] } };
  return { ...deployment, spec: { ...deployment.spec, template } };
}

describe("validateObject", () => {
  it("finds nothing wrong with what is right", async () => {
    expect(await validateObject(deployment)).toEqual([]);
  });

  it.for([
    ["nothing at all", null, "no object: an empty document, or a list"],
    ["no kind", { apiVersion: "v1" }, "no apiVersion or no kind"],
    [
      "an unknown kind",
      { apiVersion: "acme.example/v1", kind: "Thing", metadata: { name: "a" } },
      "Thing a: no schema is known for acme.example/v1 Thing",
    ],
    [
      "a version that there is no more",
      { apiVersion: "policy/v2", kind: "PodDisruptionBudget", metadata: { name: "a" } },
      "PodDisruptionBudget a: no schema is known for policy/v2 PodDisruptionBudget",
    ],
    [
      "a path for a kind",
      { apiVersion: "../apps/v1", kind: "Deployment" },
      "Deployment: no schema is known for ../apps/v1 Deployment",
    ],
    [
      "a wrong type",
      withContainer({ ports: "80" }),
      "Deployment web: spec.template.spec.containers.0.ports must be array",
    ],
    [
      "a key that is misspelt",
      withContainer({ resource: {} }),
      "Deployment web: spec.template.spec.containers[0].resource is no key of apps/v1 Deployment",
    ],
    [
      "a misspelt key in an empty neighbourhood",
      withContainer({ securityContext: { runAsNonroot: true } }),
      "Deployment web: spec.template.spec.containers[0].securityContext.runAsNonroot is no key of apps/v1 Deployment",
    ],
    ["no name", { ...deployment, metadata: {} }, "Deployment: metadata.name is missing"],
    [
      "a label that is too long",
      { ...deployment, metadata: { name: "web", labels: { app: "x".repeat(64) } } },
      `Deployment web: metadata.labels: app may not be "${"x".repeat(64)}"`,
    ],
  ] as const)("names %s", async ([, object, problem]) => {
    expect(await validateObject(object)).toEqual([problem]);
  });

  it("knows what is newer than its schema, there and nowhere else", async () => {
    const secret = (more: object, key: object) => ({
      apiVersion: "external-secrets.io/v1",
      kind: "ExternalSecret",
      metadata: { name: "a" },
      spec: { ...more, data: [{ secretKey: "b", remoteRef: { key: "c", ...key } }] },
    });
    const policy = { nullBytePolicy: "Ignore" };
    expect(await validateObject(secret({}, policy))).toEqual([]);
    expect(await validateObject(secret(policy, {}))).toEqual([
      "ExternalSecret a: spec.nullBytePolicy is no key of external-secrets.io/v1 ExternalSecret",
    ]);
  });

  it.for([
    ["argoproj.io/v1alpha1", "Application"],
    ["external-secrets.io/v1", "ExternalSecret"],
    ["helm.toolkit.fluxcd.io/v2", "HelmRelease"],
    ["kyverno.io/v1", "ClusterPolicy"],
    ["monitoring.coreos.com/v1", "ServiceMonitor"],
  ] as const)("knows %s %s", async ([apiVersion, kind]) => {
    const object = { apiVersion, kind, metadata: { name: "a" }, spec: "anything" };
    expect(await validateObject(object)).toEqual([`${kind} a: spec must be object`]);
  });
});
