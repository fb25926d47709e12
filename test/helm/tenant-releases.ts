import { readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";

import { type KubernetesObject, type Rendering, renderChart } from "./render.ts";

const root = resolve(import.meta.dirname, "../..");
export const tenantChart = join(root, "helm/tenant-service");
const tenantsFolder = join(root, "gitops/tenants");

export const environments = ["dev", "staging", "prod"] as const;
export type Environment = (typeof environments)[number];

/** One tenant's service in one environment, as Argo CD deploys it. */
export type TenantRelease = Rendering & {
  readonly tenant: string;
  readonly environment: Environment;
};

/** Every release of the GitOps tree, by the files that are there. */
export const tenantReleases: readonly TenantRelease[] = readdirSync(tenantsFolder, {
  withFileTypes: true,
})
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(tenantsFolder, name)).map((file) => releaseOf(name, basename(file, ".yaml"))),
  );

function releaseOf(tenant: string, environment: string): TenantRelease {
  const name = `${tenant}-${environment}`;
  const values = [join(tenantsFolder, tenant, `${environment}.yaml`)];
  if (!environments.some((each) => each === environment))
    throw new Error(`${values[0] ?? ""} is of no environment: ${environments.join(", ")}`);
  return {
    tenant,
    environment: environment as Environment,
    release: name,
    namespace: name,
    values,
  };
}

/** The least that a tenant's file says. */
export const leastValues = {
  tenant: "tenant-x",
  team: "payments",
  image: { tag: "sha-1a2b3c4", digest: `sha256:${"0123456789abcdef".repeat(4)}` },
};

/** A rendering of values of the test's own, beside the tree. */
export function renderTenant(
  helm: string,
  environment: string,
  set: Readonly<Record<string, unknown>> = {},
): Promise<KubernetesObject[]> {
  const namespace = `tenant-x-${environment}`;
  const rendering = { release: namespace, namespace, values: [] };
  return renderChart(helm, tenantChart, {
    ...rendering,
    set: { ...leastValues, environment, ...set },
  });
}
