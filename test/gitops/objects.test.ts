import { existsSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { matchesGlob } from "./argo-glob.ts";
import { readObjects, root, theObject } from "./tree.ts";
import type { TreeObject } from "./tree.ts";
import { validateObject } from "./validate-object.ts";

const own = "https://github.com/acme/sluice.git";
const files = readObjects();
const apps = readObjects("gitops/argocd/apps").flatMap(({ objects }) => objects);
const applications = apps.filter(({ kind }) => kind === "Application");

type Source = {
  readonly repoURL: string;
  readonly chart?: string;
  readonly path?: string;
  readonly ref?: string;
  readonly targetRevision: string;
  readonly helm?: { readonly valueFiles?: readonly string[] };
};

function sourcesOf({ spec }: TreeObject): readonly Source[] {
  return (spec.sources ?? [spec.source]) as readonly Source[];
}

function waveOf({ metadata }: TreeObject): number {
  return Number(metadata.annotations?.["argocd.argoproj.io/sync-wave"] ?? NaN);
}

describe("every object of gitops/", () => {
  it("is one of those that are looked at", () => {
    expect(files.length).toBeGreaterThan(20);
    expect(files.map(({ file }) => file)).toEqual(
      expect.arrayContaining(["gitops/argocd/root.yaml", "gitops/argocd/apps/tenants.yaml"]),
    );
  });

  it.each(files)("$file", async ({ objects }) => {
    expect(objects.length).toBeGreaterThan(0);
    expect((await Promise.all(objects.map(validateObject))).flat()).toEqual([]);
  });
});

describe("the root application", () => {
  const project = theObject("AppProject", "platform");
  const platform = applications.filter(({ spec }) => spec.project === "platform");

  it("has every application in the project whose limits hold for it", () => {
    expect(platform).toHaveLength(applications.length);
    const outside = [...platform, theObject("Application", "root")].flatMap((application) => [
      ...sourcesOf(application)
        .filter(({ repoURL }) => !project.spec.sourceRepos.includes(repoURL))
        .map(({ repoURL }) => `${application.metadata.name} comes from ${repoURL}`),
      ...(allows(project, application) ? [] : [`${application.metadata.name} goes elsewhere`]),
    ]);
    expect(outside).toEqual([]);
  });

  it.for([
    ["https://kubernetes.default.svc", "tenant-a-prod"],
    ["https://elsewhere.example", "monitoring"],
  ] as const)("may not write to %s, %s", ([server, namespace]) => {
    const application = { spec: { destination: { server, namespace } } };
    expect(allows(project, application as unknown as TreeObject)).toBe(false);
  });

  it("allows no source that nothing uses", () => {
    const used = new Set(platform.flatMap(sourcesOf).map(({ repoURL }) => repoURL));
    expect(new Set(project.spec.sourceRepos)).toEqual(used);
  });

  it("pins a version of every chart, and reads the rest from the same branch", () => {
    for (const application of platform)
      for (const { repoURL, chart, targetRevision } of sourcesOf(application)) {
        if (chart === undefined) expect([repoURL, targetRevision]).toEqual([own, "main"]);
        else expect(targetRevision).toMatch(/^\d+\.\d+\.\d+$/);
      }
  });

  it("names folders and values files that there are", () => {
    const named = platform
      .flatMap(sourcesOf)
      .flatMap(({ path, helm }) => [
        ...(path === undefined ? [] : [path]),
        ...(helm?.valueFiles ?? []).map((file) => file.replace("$values/", "")),
      ]);
    expect(named.length).toBeGreaterThan(6);
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("reads each values file through a reference that the application has", () => {
    for (const application of platform) {
      const sources = sourcesOf(application);
      const files = sources.flatMap(({ helm }) => helm?.valueFiles ?? []);
      const references = sources.map(({ ref }) => ref).filter((ref) => ref !== undefined);
      expect([...new Set(files.map((file) => file.split("/")[0]))]).toEqual(
        references.map((ref) => `$${ref}`),
      );
    }
  });

  it("goes in waves: what others need comes first", () => {
    const waves = new Map(
      apps.map((object) => [`${object.kind} ${object.metadata.name}`, waveOf(object)]),
    );
    expect([...waves].filter(([, wave]) => !Number.isInteger(wave))).toEqual([]);
    const before: readonly (readonly [string, string])[] = [
      ["AppProject prod", "Application argocd"],
      ["Application external-secrets", "Application secrets"],
      ["Application kyverno", "Application policies"],
      // Alertmanager's and Grafana's passwords.
      ["Application secrets", "Application kube-prometheus-stack"],
      // It brings the definition of ServiceMonitor, which the others make.
      ["Application kube-prometheus-stack", "Application loki"],
      ["Application kube-prometheus-stack", "Application tempo"],
      ["Application loki", "Application alloy"],
      ["Application kube-prometheus-stack", "Application sluice"],
      ["Application kube-prometheus-stack", "Application observability"],
      ["Application policies", "ApplicationSet tenants"],
      ["Application sluice", "ApplicationSet tenants"],
    ];
    for (const [first, second] of before) {
      expect(waves.has(first) && waves.has(second), `${first}, ${second}`).toBe(true);
      expect(waves.get(first)!, `${first} before ${second}`).toBeLessThan(waves.get(second)!);
    }
  });

  it("waits between the waves, since Argo CD is told how healthy an application is", () => {
    const { data } = theObject("ConfigMap", "argocd-cm");
    expect(data?.["resource.customizations.health.argoproj.io_Application"]).toContain(
      "obj.status.health.status",
    );
  });

  it("prunes no namespace", () => {
    const namespaces = apps.filter(({ kind }) => kind === "Namespace");
    const options = namespaces.map(
      ({ metadata }) => metadata.annotations?.["argocd.argoproj.io/sync-options"],
    );
    expect(options).toEqual(namespaces.map(() => "Prune=false"));
    const names = namespaces.map(({ metadata }) => metadata.name);
    const targets = new Set(platform.map(({ spec }) => String(spec.destination.namespace)));
    // The first is made with Argo CD itself, the second by Kubernetes.
    expect(new Set([...names, "argocd", "kube-system"])).toEqual(targets);
  });

  it("writes what is too long for an annotation on the server", () => {
    for (const name of ["kube-prometheus-stack", "kyverno", "external-secrets", "argocd"])
      expect(theObject("Application", name).spec.syncPolicy.syncOptions).toContain(
        "ServerSideApply=true",
      );
  });
});

function allows(project: TreeObject, { spec }: TreeObject): boolean {
  const allowed = project.spec.destinations as readonly { server: string; namespace: string }[];
  return allowed.some(
    ({ server, namespace }) =>
      matchesGlob(server, spec.destination.server) &&
      matchesGlob(namespace, spec.destination.namespace),
  );
}
