import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { describe, expect, inject, it } from "vitest";

import { validateObject } from "../gitops/validate-object.ts";
import { restrictedBreaches } from "./pod-security.ts";
import { lintChart, renderChart, theObject } from "./render.ts";
import {
  ownValues,
  podOf,
  renderSluice,
  shapeNames,
  shapes,
  sluiceChart,
  sluiceRelease,
} from "./sluice-releases.ts";

const { helm } = inject("tools");
const deployments = {
  least: ["sluice"],
  embedded: ["sluice"],
  postgres: ["sluice"],
  split: ["sluice-receiver", "sluice-worker"],
  everything: ["sluice-receiver", "sluice-worker"],
};

describe.skipIf(helm === null).for(shapeNames)("Sluice installed as %s", (shape) => {
  it("passes helm lint --strict", async () => {
    await lintChart(helm ?? "", sluiceChart, sluiceRelease(shapes[shape]));
  });

  it("has objects that their schemas take, named once, in one namespace", async () => {
    const objects = await renderSluice(helm ?? "", shape);
    expect(objects.length).toBeGreaterThan(8);
    const problems = await Promise.all(objects.map((each) => validateObject(each)));
    expect(problems.flat()).toEqual([]);
    const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(names).toEqual([...new Set(names)]);
    for (const { metadata } of objects) {
      expect(metadata.namespace).toBe("sluice");
      expect(metadata.labels).toMatchObject({
        "app.kubernetes.io/name": "sluice",
        "app.kubernetes.io/instance": "sluice",
        "app.kubernetes.io/managed-by": "Helm",
        app: "sluice",
        team: "platform",
        env: "prod",
      });
    }
  });

  it("runs these processes, as the profile restricted lets them", async () => {
    const objects = await renderSluice(helm ?? "", shape);
    const names = objects.filter(({ kind }) => kind === "Deployment");
    expect(names.map(({ metadata }) => metadata.name).sort()).toEqual(deployments[shape]);
    for (const name of deployments[shape]) {
      const { template, pod, container } = podOf(objects, name);
      expect(restrictedBreaches(template)).toEqual([]);
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext?.runAsUser).toBeGreaterThan(0);
      expect(container.securityContext?.readOnlyRootFilesystem).toBe(true);
      expect(container.image).toMatch(/^ghcr\.io\/acme\/sluice:v1\.2\.3@sha256:[0-9a-f]{64}$/);
      expect(container.resources?.limits).toMatchObject({
        cpu: expect.anything(),
        memory: expect.anything(),
      });
    }
  });

  it("answers probes, and is given longer to stop than it takes at most", async () => {
    const objects = await renderSluice(helm ?? "", shape);
    const source = await readFile(resolve(import.meta.dirname, "../../bot/main.ts"), "utf8");
    const milliseconds = (pattern: RegExp): number =>
      Number(pattern.exec(source)?.[1]?.replaceAll("_", ""));
    const late = milliseconds(/stopWithinMs = ([\d_]+)/) + milliseconds(/stopWithinMs \+ ([\d_]+)/);
    expect(late).toBeGreaterThan(1_000);
    for (const name of deployments[shape]) {
      const { pod, container } = podOf(objects, name);
      expect(container.ports).toEqual([{ name: "http", containerPort: 3000 }]);
      expect(container.startupProbe?.httpGet).toEqual({ path: "/livez", port: "http" });
      expect(container.livenessProbe?.httpGet).toEqual({ path: "/livez", port: "http" });
      expect(container.readinessProbe?.httpGet).toEqual({ path: "/readyz", port: "http" });
      const pause = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
      expect(pause).toBeGreaterThan(0);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(pause + late / 1_000);
    }
  });
});

describe.skipIf(helm === null)("the roles", () => {
  it("are their own pods, chosen by their own selectors", async () => {
    const objects = await renderSluice(helm ?? "", "split");
    for (const role of ["receiver", "worker"]) {
      const { deployment, template } = podOf(objects, `sluice-${role}`);
      expect(deployment.replicas).toBe(2);
      expect(deployment.selector.matchLabels).toMatchObject({
        "app.kubernetes.io/component": role,
      });
      expect(template.metadata?.labels).toMatchObject(deployment.selector.matchLabels ?? {});
      expect(deployment.strategy).toMatchObject({ rollingUpdate: { maxUnavailable: 0 } });
    }
  });

  it("only those that receive get deliveries", async () => {
    const labels = async (shape: "least" | "split") =>
      theObject(await renderSluice(helm ?? "", shape), "Service", "sluice")["spec"];
    expect(await labels("least")).toMatchObject({
      selector: { "app.kubernetes.io/component": "all" },
      ports: [{ name: "http", port: 80, targetPort: "http" }],
    });
    expect(await labels("split")).toMatchObject({
      selector: { "app.kubernetes.io/component": "receiver" },
    });
  });

  it("the embedded queue is one process's, in a volume that outlives it", async () => {
    const objects = await renderSluice(helm ?? "", "embedded");
    const { deployment, pod, container } = podOf(objects, "sluice");
    expect(deployment.replicas).toBe(1);
    expect(deployment.strategy).toEqual({ type: "Recreate" });
    expect(pod.securityContext?.fsGroup).toBe(pod.securityContext?.runAsUser);
    const [volume] = pod.volumes ?? [];
    const claim = theObject(objects, "PersistentVolumeClaim");
    expect(volume?.persistentVolumeClaim?.claimName).toBe(claim.metadata.name);
    expect(container.volumeMounts).toEqual([{ name: volume?.name, mountPath: "/data" }]);
    expect(container.env).toContainEqual({ name: "DATA_DIR", value: "/data" });
    expect(claim["spec"]).toMatchObject({ accessModes: ["ReadWriteOnce"] });
    expect(objects.some(({ kind }) => kind === "PodDisruptionBudget")).toBe(false);
  });

  it("a disruption budget is there for each of several pods, never for a single one", async () => {
    const budgets = async (shape: (typeof shapeNames)[number]) => {
      const objects = await renderSluice(helm ?? "", shape);
      const found = objects.filter(({ kind }) => kind === "PodDisruptionBudget");
      for (const { spec } of found) expect(spec).toMatchObject({ maxUnavailable: 1 });
      return found.map(({ metadata }) => metadata.name).sort();
    };
    expect(await budgets("least")).toEqual([]);
    expect(await budgets("postgres")).toEqual(["sluice"]);
    expect(await budgets("everything")).toEqual(["sluice-receiver", "sluice-worker"]);
  });
});

describe.skipIf(helm === null)("the platform's own installation", () => {
  it("renders and passes helm lint --strict", async () => {
    const rendering = { release: "sluice", namespace: "sluice", values: [ownValues] };
    await lintChart(helm ?? "", sluiceChart, rendering);
    const objects = await renderChart(helm ?? "", sluiceChart, rendering);
    const problems = await Promise.all(objects.map((each) => validateObject(each)));
    expect(objects.length).toBeGreaterThan(8);
    expect(problems.flat()).toEqual([]);
  });
});

describe.skipIf(helm === null)("the way in", () => {
  it("leads to the three paths of deliveries only", async () => {
    const objects = await renderSluice(helm ?? "", "everything");
    expect(theObject(objects, "Ingress")["spec"]).toMatchObject({
      tls: [{ hosts: ["sluice.example.com"], secretName: "sluice-tls" }],
      rules: [
        {
          host: "sluice.example.com",
          http: {
            paths: ["/api/github/webhooks", "/webhooks/registry/generic", "/webhooks/argocd"].map(
              (path) => ({
                path,
                pathType: "Exact",
                backend: { service: { name: "sluice", port: { name: "http" } } },
              }),
            ),
          },
        },
      ],
    });
    const without = await renderSluice(helm ?? "", "least");
    expect(without.some(({ kind }) => kind === "Ingress")).toBe(false);
  });
});
