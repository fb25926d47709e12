import { describe, expect, inject, it } from "vitest";

import { validateObject } from "../gitops/validate-object.ts";
import { restrictedBreaches, type PodTemplate } from "./pod-security.ts";
import { type KubernetesObject, lintChart, renderChart } from "./render.ts";
import { environments, tenantChart, tenantReleases } from "./tenant-releases.ts";

const { helm } = inject("tools");

describe.skipIf(helm === null)("every release of the GitOps tree", () => {
  it("is there for three tenants in every environment", () => {
    const tenants = new Set(tenantReleases.map(({ tenant }) => tenant));
    expect(tenants.size).toBeGreaterThanOrEqual(3);
    expect(tenantReleases).toHaveLength(tenants.size * environments.length);
  });

  describe.for(tenantReleases)("$release", (release) => {
    async function render(): Promise<KubernetesObject[]> {
      const objects = await renderChart(helm ?? "", tenantChart, release);
      expect(objects.length).toBeGreaterThanOrEqual(14);
      return objects;
    }

    it("passes helm lint --strict", async () => {
      await lintChart(helm ?? "", tenantChart, release);
    });

    it("has objects that their schemas take", async () => {
      const objects = await render();
      const problems = await Promise.all(objects.map((each) => validateObject(each)));
      expect(problems.flat()).toEqual([]);
    });

    it("keeps every object in its namespace, named once", async () => {
      const objects = await render();
      expect(new Set(objects.map(({ metadata }) => metadata.namespace))).toEqual(
        new Set([release.namespace]),
      );
      const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
      expect(names).toEqual([...new Set(names)]);
    });

    it("labels every object with what people ask for", async () => {
      for (const { metadata } of await render()) {
        expect(metadata.labels).toMatchObject({
          "app.kubernetes.io/name": "tenant-service",
          "app.kubernetes.io/instance": release.release,
          "app.kubernetes.io/part-of": release.tenant,
          "app.kubernetes.io/managed-by": "Helm",
          app: "tenant-service",
          team: expect.stringMatching(/^[a-z]/),
          env: release.environment,
        });
      }
    });

    it("has pods that the profile restricted lets in, with no token in them", async () => {
      const templates = podTemplates(await render());
      expect(templates).toHaveLength(1);
      for (const template of templates) {
        expect(restrictedBreaches(template)).toEqual([]);
        expect(template.spec?.automountServiceAccountToken).toBe(false);
        expect(template.spec?.securityContext?.runAsUser).toBeGreaterThan(0);
        const [container] = template.spec?.containers ?? [];
        expect(container?.securityContext?.readOnlyRootFilesystem).toBe(true);
        expect(container?.image).toMatch(
          /^ghcr\.io\/acme\/tenant-service:sha-[0-9a-f]{7,40}@sha256:[0-9a-f]{64}$/,
        );
      }
    });
  });
});

function podTemplates(objects: readonly KubernetesObject[]): PodTemplate[] {
  return objects.flatMap(({ spec }) => {
    const { template } = (spec ?? {}) as { template?: PodTemplate };
    return template?.spec?.containers === undefined ? [] : [template];
  });
}
