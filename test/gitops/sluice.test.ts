import { join } from "node:path";

import { beforeAll, describe, expect, inject, it } from "vitest";
import { parse } from "yaml";

import { renderChart, theObject as theRendered } from "../helm/render.ts";
import type { KubernetesObject } from "../helm/render.ts";
import { readDocuments, root, theObject } from "./tree.ts";
import { validateObject } from "./validate-object.ts";

type Reference = { readonly name: string; readonly key: string; readonly optional?: boolean };
type Fetched = {
  readonly data?: readonly { readonly secretKey: string }[];
  readonly dataFrom?: readonly { readonly extract: { readonly key: string } }[];
};

const { helm } = inject("tools");

describe.skipIf(helm === null)("Sluice on this cluster", () => {
  const { spec } = theObject("Application", "sluice");
  let objects: readonly KubernetesObject[] = [];
  beforeAll(async () => {
    const [{ path, helm: options }] = spec.sources;
    objects = await renderChart(helm!, join(root, path), {
      release: theObject("Application", "sluice").metadata.name,
      namespace: spec.destination.namespace,
      values: options.valueFiles.map((file: string) => join(root, file.replace("$values/", ""))),
    });
  });

  it("renders to what Kubernetes takes", async () => {
    expect(objects.length).toBeGreaterThan(8);
    expect((await Promise.all(objects.map(validateObject))).flat()).toEqual([]);
  });

  it("has every Secret that it reads from gitops/secrets", () => {
    const fetched = new Map(
      readDocuments("gitops/secrets/sluice.yaml").map((object) => [
        object.metadata.name,
        object.spec as Fetched,
      ]),
    );
    const references = referencesIn(objects).filter(({ optional }) => optional !== true);
    expect(references.length).toBeGreaterThan(3);
    for (const { name, key } of references) {
      const secret = fetched.get(name);
      expect(fetched.has(name)).toBe(true);
      const whole = secret?.dataFrom !== undefined;
      const keys = (secret?.data ?? []).map(({ secretKey }) => secretKey);
      expect(whole ? [key] : keys).toContain(key);
    }
    expect(new Set(references.map(({ name }) => name))).toEqual(new Set(fetched.keys()));
  });

  it("is where the notifications go", () => {
    const { data } = theObject("ConfigMap", "argocd-notifications-cm");
    const { url } = parse(data?.["service.webhook.sluice"] ?? "") as { url: string };
    const [service, namespace] = new URL(url).hostname.split(".");
    expect(namespace).toBe(spec.destination.namespace);
    const found = theRendered<{ spec: { ports: readonly { port: number }[] } }>(
      objects,
      "Service",
      service,
    );
    expect(found.spec.ports.map(({ port }) => port)).toContain(Number(new URL(url).port || 80));
  });
});

function referencesIn(value: unknown): readonly Reference[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === "secretKeyRef" ? [each as Reference] : referencesIn(each),
  );
}
