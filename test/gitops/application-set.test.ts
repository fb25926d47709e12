import { existsSync, globSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, inject, it } from "vitest";

import { renderChart } from "../helm/render.ts";
import { projectProblems } from "./project-limits.ts";
import { generatedFrom, renderApplication } from "./render-application-set.ts";
import { root, theObject } from "./tree.ts";
import type { TreeObject } from "./tree.ts";
import { validateObject } from "./validate-object.ts";

const { helm } = inject("tools");
const set = theObject("ApplicationSet", "tenants");
const files = generatedFrom(set);
const environments = ["dev", "staging", "prod"];
const projects = environments.map((name) => theObject("AppProject", name));

describe("the generator", () => {
  it("finds every values file that there is, and nothing else", () => {
    expect(files.length).toBeGreaterThanOrEqual(9);
    const there = globSync("gitops/tenants/**/*.*", { cwd: root }).sort();
    expect(files).toEqual(there);
  });

  it("stays within one folder, since Argo CD is told so", () => {
    const { data } = theObject("ConfigMap", "argocd-cmd-params-cm");
    expect(data?.["applicationsetcontroller.enable.new.git.file.globbing"]).toBe("true");
  });

  it("fails where a file lacks what a template names", () => {
    expect(set.spec.goTemplateOptions).toEqual(["missingkey=error"]);
  });
});

describe.skipIf(helm === null)("the application of", () => {
  const rendered = new Map<string, TreeObject>();
  beforeAll(async () => {
    for (const file of files) rendered.set(file, await renderApplication(helm!, set, file));
  });

  describe.each(files)("%s", (file) => {
    const [tenant = "", environment = ""] = file
      .replace(/^gitops\/tenants\/|\.yaml$/g, "")
      .split("/");
    const application = (): TreeObject => rendered.get(file)!;

    it("is named, filed and sent as Sluice expects", () => {
      const { metadata, spec } = application();
      expect(metadata.name).toBe(`${tenant}-${environment}`);
      expect(metadata.labels).toMatchObject({ tenant, env: environment });
      expect(metadata.labels?.["team"]).toMatch(/^[a-z]+$/);
      expect(spec.project).toBe(environment);
      expect(spec.destination).toEqual({
        server: "https://kubernetes.default.svc",
        namespace: `${tenant}-${environment}`,
      });
    });

    it("takes the chart, and the values of this file", () => {
      const [chart, values] = application().spec.sources;
      expect(existsSync(join(root, chart.path, "Chart.yaml"))).toBe(true);
      expect(chart.helm.valueFiles).toEqual([`$values/${file}`]);
      expect(values.ref).toBe("values");
      expect([values.repoURL, values.targetRevision]).toEqual([
        chart.repoURL,
        chart.targetRevision,
      ]);
    });

    it("is looked at only where the chart or this file changed", () => {
      const paths =
        application().metadata.annotations?.["argocd.argoproj.io/manifest-generate-paths"];
      expect(paths?.split(";")).toEqual(["/helm/tenant-service", `/${file}`]);
    });

    it("follows Git by itself, but for prod", () => {
      const { automated, retry, syncOptions } = application().spec.syncPolicy;
      expect(syncOptions).toEqual(["CreateNamespace=true", "ApplyOutOfSyncOnly=true"]);
      expect(automated).toEqual(
        environment === "prod" ? undefined : { prune: true, selfHeal: true },
      );
      // So that a newer commit ends the retries of a broken one.
      expect(retry?.refresh).toBe(environment === "prod" ? undefined : true);
    });

    it("gets a namespace that enforces the restricted profile, and that the policies hold for", () => {
      const { labels } = application().spec.syncPolicy.managedNamespaceMetadata;
      expect(labels).toMatchObject({
        "pod-security.kubernetes.io/enforce": "restricted",
        tenant,
        env: environment,
      });
    });

    it("is one that Argo CD takes", async () => {
      const object = { ...application(), apiVersion: "argoproj.io/v1alpha1", kind: "Application" };
      expect(await validateObject(object)).toEqual([]);
    });

    it("fits into its own project, and into no other", () => {
      const { spec } = application();
      const fitting = projects.filter((project) => projectProblems(project, spec).length === 0);
      expect(fitting.map(({ metadata }) => metadata.name)).toEqual([environment]);
    });

    it("renders nothing that its project forbids", async () => {
      const { spec } = application();
      const objects = await renderChart(helm!, join(root, spec.sources[0].path), {
        release: application().metadata.name,
        namespace: spec.destination.namespace,
        values: [join(root, file)],
      });
      expect(objects.length).toBeGreaterThan(5);
      const project = projects.find(({ metadata }) => metadata.name === spec.project)!;
      expect(projectProblems(project, spec, objects)).toEqual([]);
    });
  });
});

describe.each(projects)("the project $metadata.name", (project) => {
  // Argo CD leaves out of the tree, and of the images that run, what the project does not allow (appcontroller.go,
  // getResourceTree): Sluice would see no pod at all.
  it.each([
    ["apps/v1", "ReplicaSet"],
    ["v1", "Pod"],
  ])("lets Argo CD show %s %s, which the chart's Deployment makes", (apiVersion, kind) => {
    const environment = project.metadata.name;
    const namespace = `tenant-a-${environment}`;
    const spec = {
      sources: [{ repoURL: "https://github.com/acme/sluice.git" }],
      destination: { server: "https://kubernetes.default.svc", namespace },
    };
    const made = { apiVersion, kind, metadata: { name: "x", namespace } };
    expect(projectProblems(project, spec, [made])).toEqual([]);
  });
});

describe("a project", () => {
  const destination = { server: "https://kubernetes.default.svc", namespace: "tenant-a-prod" };
  const source = { repoURL: "https://github.com/acme/sluice.git" };
  const inCluster = (kind: string, name: string, apiVersion = "v1") => ({
    apiVersion,
    kind,
    metadata: { name },
  });
  const inNamespace = (kind: string, apiVersion = "v1", namespace = "tenant-a-prod") => ({
    apiVersion,
    kind,
    metadata: { name: "x", namespace },
  });

  it.for([
    ["its own namespace", {}, [inCluster("Namespace", "tenant-a-prod")], []],
    [
      "another repository",
      { sources: [{ repoURL: "https://github.com/acme/other.git" }] },
      [],
      ["prod allows no source https://github.com/acme/other.git"],
    ],
    [
      "another cluster",
      { destination: { ...destination, server: "https://elsewhere.example" } },
      [],
      ["prod allows no destination https://elsewhere.example tenant-a-prod"],
    ],
    [
      "another environment",
      { destination: { ...destination, namespace: "tenant-a-dev" } },
      [],
      ["prod allows no destination https://kubernetes.default.svc tenant-a-dev"],
    ],
    [
      "Argo CD's own namespace",
      { destination: { ...destination, namespace: "argocd" } },
      [],
      ["prod allows no destination https://kubernetes.default.svc argocd"],
    ],
    [
      "another's namespace",
      {},
      [inCluster("Namespace", "tenant-a-dev")],
      ["prod allows no Namespace tenant-a-dev"],
    ],
    [
      "rights in the whole cluster",
      {},
      [inCluster("ClusterRoleBinding", "x", "rbac.authorization.k8s.io/v1")],
      ["prod allows no ClusterRoleBinding x"],
    ],
    ["a Secret in Git", {}, [inNamespace("Secret")], ["prod allows no Secret x"]],
    [
      "a StatefulSet",
      {},
      [inNamespace("StatefulSet", "apps/v1")],
      ["prod allows no StatefulSet x"],
    ],
    [
      "an Application of its own",
      {},
      [inNamespace("Application", "argoproj.io/v1alpha1")],
      ["prod allows no Application x"],
    ],
    [
      "an object in another namespace",
      {},
      [inNamespace("ConfigMap", "v1", "kube-system")],
      ["prod allows no destination https://kubernetes.default.svc kube-system"],
    ],
  ] as const)("judges %s", ([, change, objects, problems]) => {
    const project = projects.find(({ metadata }) => metadata.name === "prod")!;
    const spec = { sources: [source], destination, ...change };
    expect(projectProblems(project, spec, objects)).toEqual(problems);
  });
});
