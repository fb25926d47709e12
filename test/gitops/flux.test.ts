import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { anEdge, post, type TestEdge } from "../adapters/http/an-edge.ts";
import { readers } from "./readers.ts";
import { readDocuments, readObjects, root, theObject } from "./tree.ts";
import type { TreeObject } from "./tree.ts";
import { validateObject } from "./validate-object.ts";

const flux = readObjects("gitops/flux").flatMap(({ objects }) => objects);
const kustomizations = flux.filter(({ kind }) => kind === "Kustomization");
const perTenant = kustomizations.filter(({ spec }) => spec.path === "./gitops/flux/tenant");
const releases = flux.filter(({ kind }) => kind === "HelmRelease");
const values = globSync("gitops/tenants/*/*.yaml", { cwd: root }).sort();

/** The objects of the folder `tenant` with the names of one Kustomization filled in, as Flux does it. */
function filledIn({ spec }: TreeObject): readonly TreeObject[] {
  const names = spec.postBuild.substitute as Readonly<Record<string, string>>;
  return globSync("gitops/flux/tenant/*.yaml", { cwd: root })
    .sort()
    .map((file) =>
      readFileSync(join(root, file), "utf8").replace(/\$\{(\w+)\}/g, (whole, name: string) => {
        if (names[name] === undefined) throw new Error(`${file}: nothing fills in ${whole}`);
        return names[name];
      }),
    )
    .map((text) => parse(text) as TreeObject);
}

describe("the tree for Flux", () => {
  it("has one Kustomization for each values file", () => {
    expect(perTenant.map(({ metadata }) => metadata.name).sort()).toEqual(
      values.map((file) => file.replace(/^gitops\/tenants\/|\.yaml$/g, "").replace("/", "-")),
    );
  });

  it.each(perTenant)("makes what Argo CD makes of $metadata.name", async (kustomization) => {
    const [namespace, release] = filledIn(kustomization);
    expect(await validateObject(namespace)).toEqual([]);
    expect(await validateObject(release)).toEqual([]);
    const { tenant, environment, team } = kustomization.spec.postBuild.substitute;
    const file = `gitops/tenants/${tenant}/${environment}.yaml`;
    const own = parse(readFileSync(join(root, file), "utf8")) as Readonly<Record<string, unknown>>;
    expect(own).toMatchObject({ tenant, environment, team });
    expect(kustomization.metadata.name).toBe(`${tenant}-${environment}`);
    expect(namespace?.metadata).toMatchObject({
      name: `${tenant}-${environment}`,
      labels: {
        "pod-security.kubernetes.io/enforce": "restricted",
        tenant,
        team,
        env: environment,
      },
    });
    expect(release?.metadata.namespace).toBe(`${tenant}-${environment}`);
    const { chart, valuesFiles, reconcileStrategy } = release!.spec.chart.spec;
    expect([chart, valuesFiles, reconcileStrategy]).toEqual([
      "./helm/tenant-service",
      ["./helm/tenant-service/values.yaml", `./${file}`],
      "Revision",
    ]);
    expect(release?.spec.driftDetection.mode).toBe(environment === "prod" ? "warn" : "enabled");
    expect(release?.spec.upgrade.remediation.retries).toBeGreaterThan(0);
    expect(release?.spec.install.remediation.retries).toBeGreaterThan(0);
  });

  it("names folders, sources and values that there are", () => {
    const kustomized = globSync("gitops/flux/**/kustomization.yaml", { cwd: root }).flatMap(
      (file) => {
        const { resources, configMapGenerator = [] } = readDocuments(file)[0] as unknown as {
          readonly resources: readonly string[];
          readonly configMapGenerator?: readonly { readonly files: readonly string[] }[];
        };
        const generated = configMapGenerator.flatMap(({ files }) =>
          files.map((each) => each.replace("values.yaml=", "")),
        );
        return [...resources, ...generated].map((path) => join(file, "..", path));
      },
    );
    const paths = [
      ...kustomized,
      ...kustomizations.map(({ spec }) => String(spec.path)),
      ...releases.flatMap(({ spec }) => (spec.chart.spec.valuesFiles ?? []) as readonly string[]),
    ];
    expect(kustomized.length).toBeGreaterThan(6);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const sources = flux
      .filter(({ kind }) => ["HelmRepository", "GitRepository"].includes(kind))
      .map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    for (const { spec } of releases) {
      const { kind, name } = spec.chart.spec.sourceRef;
      expect(sources).toContain(`${kind} ${name}`);
    }
  });

  it("waits for what is there, and in no circle", () => {
    const names = kustomizations.map(({ metadata }) => metadata.name);
    const done: string[] = [];
    for (let left = kustomizations; left.length > 0;) {
      const ready = left.filter(({ spec }) =>
        ((spec.dependsOn ?? []) as readonly { name: string }[]).every(({ name }) => {
          expect(names).toContain(name);
          return done.includes(name);
        }),
      );
      expect(ready.length).toBeGreaterThan(0);
      done.push(...ready.map(({ metadata }) => metadata.name));
      left = left.filter((each) => !ready.includes(each));
    }
    expect(done).toHaveLength(names.length);
  });

  it("installs the same versions from the same places as Argo CD", () => {
    const urls = new Map(
      flux
        .filter(({ kind }) => kind === "HelmRepository")
        .map(({ metadata, spec }) => [metadata.name, String(spec.url)]),
    );
    const here = releases
      .filter(({ spec }) => spec.chart.spec.sourceRef.kind === "HelmRepository")
      .map(({ spec: { chart } }) => [
        chart.spec.chart,
        chart.spec.version,
        urls.get(chart.spec.sourceRef.name),
      ]);
    const there = readObjects("gitops/argocd/apps")
      .flatMap(({ objects }) => objects)
      .filter(({ kind }) => kind === "Application")
      .flatMap(({ spec }) => spec.sources ?? [spec.source])
      .filter(({ chart }) => chart !== undefined)
      .map(({ chart, targetRevision, repoURL }) => [chart, targetRevision, repoURL]);
    expect(here.length).toBeGreaterThan(6);
    expect(new Set(here.map((each) => each.join()))).toEqual(
      new Set(there.map((each) => each.join())),
    );
  });
});

describe("an event of Flux", () => {
  const token = "a-token-from-the-store";
  let edge: TestEdge;
  beforeAll(async () => {
    edge = await anEdge({ argocdWebhookToken: token });
  });
  afterAll(() => edge.stop());

  it("is taken and has no effect, which is why the alert is suspended", async () => {
    const { spec } = theObject("Provider", "sluice", "gitops/flux");
    const template = theObject("ExternalSecret", "sluice-webhook", "gitops/flux").spec.target
      .template;
    const [name = "", value = ""] = String(template.data.headers).split(": ");
    const headers = { [name]: value.replace("{{ .token }}", token) };
    const event = JSON.stringify({
      involvedObject: {
        apiVersion: "kustomize.toolkit.fluxcd.io/v1",
        kind: "Kustomization",
        name: "tenant-a-prod",
        namespace: "flux-system",
      },
      severity: "info",
      timestamp: "2026-03-02T10:00:00Z",
      message: "Reconciliation finished",
      reason: "ReconciliationSucceeded",
      reportingController: "kustomize-controller",
    });
    const { pathname } = new URL(spec.address);
    expect((await post(edge, pathname, event, headers)).status).toBe(202);
    expect(readers().argocd(edge.stored[0]?.body ?? "")).toEqual({
      kind: "ignored",
      reason: "the notification names no application",
    });
    expect(theObject("Alert", "sluice", "gitops/flux").spec.suspend).toBe(true);
  });
});
