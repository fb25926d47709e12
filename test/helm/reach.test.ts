import { describe, expect, inject, it } from "vitest";

import { type End, reaches } from "./reach.ts";
import type { KubernetesObject } from "./render.ts";
import { renderChart, theObject } from "./render.ts";
import { podOf, renderSluice } from "./sluice-releases.ts";
import { leastValues, tenantChart } from "./tenant-releases.ts";

const { helm } = inject("tools");

function pod(namespace: string, name: string, ip: string): End {
  return { ip, namespace: { name: namespace }, labels: { "app.kubernetes.io/name": name } };
}

const prometheus = pod("monitoring", "prometheus", "10.0.9.1");
const argocd = pod("argocd", "argocd-server", "10.0.9.2");
const notifier = pod("argocd", "argocd-notifications-controller", "10.0.9.3");
const ingress = pod("ingress-nginx", "ingress-nginx", "10.0.9.4");
const redis = pod("sluice", "redis", "10.0.9.5");
const tempo = pod("monitoring", "tempo", "10.0.9.6");
const github: End = { ip: "140.82.121.4" };
const metadataService: End = { ip: "169.254.169.254" };
const apiServer: End = { ip: "10.96.0.1" };

type Cluster = {
  readonly objects: readonly KubernetesObject[];
  readonly tenant: End;
  readonly sluice: End;
};

async function renderTenant(name: string, set: object): Promise<readonly KubernetesObject[]> {
  const namespace = `${name}-dev`;
  const values = { ...leastValues, tenant: name, environment: "dev", ...set };
  return renderChart(helm ?? "", tenantChart, {
    release: namespace,
    namespace,
    values: [],
    set: values,
  });
}

/** Ends of the pods as the charts label them. */
async function build(tenantValues: object = {}, shape: "split" | "everything" = "split") {
  const tenantObjects = await renderTenant("tenant-a", tenantValues);
  const sluiceObjects = await renderSluice(helm ?? "", shape);
  const labelsOf = (objects: readonly KubernetesObject[], name: string) =>
    podOf(objects, name).template.metadata?.labels ?? {};
  const end = (namespace: string, labels: object, ip: string, http: number): End => ({
    ip,
    namespace: { name: namespace, labels: namespace === "sluice" ? {} : { tenant: "tenant-a" } },
    labels: { ...labels },
    ports: { http },
  });
  const cluster: Cluster = {
    objects: [...tenantObjects, ...sluiceObjects, ...(await renderTenant("tenant-b", {}))],
    tenant: end("tenant-a-dev", labelsOf(tenantObjects, "tenant-service"), "10.0.1.1", 8000),
    sluice: end("sluice", labelsOf(sluiceObjects, "sluice-receiver"), "10.0.2.1", 3000),
  };
  const worker = end("sluice", labelsOf(sluiceObjects, "sluice-worker"), "10.0.2.2", 3000);
  const neighbour = { ...cluster.tenant, ip: "10.0.3.1", namespace: { name: "tenant-b-dev" } };
  return { ...cluster, worker, neighbour };
}

describe.skipIf(helm === null)("who reaches whom, by all network policies together", () => {
  it("tenants reach their own, and nobody else", async () => {
    const { objects, tenant, neighbour, sluice } = await build();
    const own = { ...tenant, ip: "10.0.1.2", labels: { app: "another" } };
    expect(reaches(objects, own, tenant, 8000)).toBe(true);
    expect(reaches(objects, tenant, own, 5000)).toBe(true);
    expect(reaches(objects, neighbour, tenant, 8000)).toBe(false);
    expect(reaches(objects, tenant, neighbour, 8000)).toBe(false);
    expect(reaches(objects, tenant, sluice, 3000)).toBe(false);
    for (const outside of [github, metadataService, apiServer]) {
      expect(reaches(objects, tenant, outside, 443)).toBe(false);
    }
    expect(reaches(objects, ingress, tenant, 8000)).toBe(false);
  });

  it("Prometheus reaches what it scrapes, at that port alone", async () => {
    const { objects, tenant, sluice, worker } = await build();
    expect(reaches(objects, prometheus, tenant, 8000)).toBe(true);
    expect(reaches(objects, prometheus, tenant, 9000)).toBe(false);
    for (const each of [sluice, worker])
      expect(reaches(objects, prometheus, each, 3000)).toBe(true);
    expect(reaches(objects, tempo, tenant, 8000)).toBe(false);
  });

  it("deliveries reach receivers, not workers", async () => {
    const { objects, sluice, worker } = await build({}, "everything");
    for (const sender of [ingress, notifier]) {
      expect(reaches(objects, sender, sluice, 3000)).toBe(true);
      expect(reaches(objects, sender, worker, 3000)).toBe(false);
    }
    expect(reaches(objects, argocd, sluice, 3000)).toBe(false);
  });

  it("Sluice reaches what is set, never the cluster's own API or a cloud's", async () => {
    const { objects, worker } = await build({}, "everything");
    expect(reaches(objects, worker, github, 443)).toBe(true);
    expect(reaches(objects, worker, github, 22)).toBe(false);
    expect(reaches(objects, worker, argocd, 8080)).toBe(true);
    expect(reaches(objects, worker, prometheus, 9090)).toBe(true);
    expect(reaches(objects, worker, tempo, 4318)).toBe(true);
    expect(reaches(objects, worker, redis, 6379)).toBe(true);
    expect(reaches(objects, worker, metadataService, 443)).toBe(false);
    expect(reaches(objects, worker, apiServer, 443)).toBe(false);
    const { objects: bare, worker: plain } = await build({}, "split");
    expect(reaches(bare, plain, argocd, 8080)).toBe(false);
    expect(reaches(bare, plain, prometheus, 9090)).toBe(false);
  });

  it("the load gate needs both sides", async () => {
    const both = await build({ loadGate: { enabled: true } }, "everything");
    expect(reaches(both.objects, both.worker, both.tenant, 8000)).toBe(true);
    const sluiceOnly = await build({}, "everything");
    expect(reaches(sluiceOnly.objects, sluiceOnly.worker, sluiceOnly.tenant, 8000)).toBe(false);
    const tenantOnly = await build({ loadGate: { enabled: true } }, "split");
    expect(reaches(tenantOnly.objects, tenantOnly.worker, tenantOnly.tenant, 8000)).toBe(false);
  });

  it("traces of a tenant reach their collector where they are set", async () => {
    const tracing = { endpoint: "http://tempo.monitoring.svc:4318" };
    const { objects, tenant } = await build({ tracing });
    expect(reaches(objects, tenant, tempo, 4318)).toBe(true);
    expect(reaches(objects, tenant, tempo, 3200)).toBe(false);
    expect(theObject(objects, "NetworkPolicy", "allow-traces")["spec"]).toBeDefined();
  });
});
