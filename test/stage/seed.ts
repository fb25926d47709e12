/**
 * The world of the demo, the stories and the bench: one GitOps repository with a values file a tenant and environment,
 * one source repository, and a few people.
 */
export const owner = "acme";
export const platform = `${owner}/platform`;
export const source = `${owner}/demo-api`;
export const image = `ghcr.io/${owner}/demo-api`;
export const environments = ["dev", "staging", "prod"] as const;

/** `tenant-a`, `tenant-b` … as names that fit a label, sorted as they are counted. */
export function tenantNames(count: number): readonly string[] {
  const width = String(count).length;
  return Array.from({ length: count }, (_, index) =>
    count <= 26
      ? `tenant-${String.fromCharCode(97 + index)}`
      : `tenant-${String(index + 1).padStart(width, "0")}`,
  );
}

export type PolicyOptions = {
  readonly soak?: string;
  readonly prodSoak?: string;
  readonly prodMerge?: "auto" | "manual" | "queue";
  readonly timeout?: string;
  /** Rings of prod, one a line as they are written in the policy: `{ name: canary, tenants: [tenant-a] }`. */
  readonly rings?: readonly string[];
  readonly digest?: boolean;
};

/** The policy of the demo: what a small platform would write. */
export function demoPolicy(options: PolicyOptions = {}): string {
  const { soak = "2s", prodSoak = "3s", prodMerge = "manual", timeout = "90s" } = options;
  const digest = options.digest === false ? "" : "\n      digest: image.digest";
  const lines = (options.rings ?? []).map((ring) => `\n      - ${ring}`);
  const rings = lines.length === 0 ? "" : `\n    rings:${lines.join("")}`;
  return `version: 1

services:
  demo-api:
    image: ${image}
    source:
      repository: ${source}
      branch: main
      workflow: ci.yml
    tags:
      match: "^sha-[0-9a-f]{7,40}$"
      order: ancestry
    values:
      file: gitops/tenants/{tenant}/{environment}.yaml
      tag: image.tag${digest}
    application: "{tenant}-{environment}"

environments:
  - name: dev
    merge: auto
    rollout: { timeout: ${timeout} }
  - name: staging
    merge: auto
    gates:
      - soak: ${soak}
    rollout: { timeout: ${timeout} }
  - name: prod
    merge: ${prodMerge}
    promoters: { permission: maintain }
    gates:
      - soak: ${prodSoak}${rings}
    rollout: { timeout: ${timeout} }
`;
}

/** One tenant's values, as a person would write them. */
export function valuesFile(
  tenant: string,
  environment: string,
  tag: string,
  digest: string,
): string {
  return `# ${tenant} in ${environment}. Sluice changes tag and digest; the rest is yours.
image:
  repository: ${image}
  tag: ${tag} # promoted by pull request
  digest: "${digest}"

replicaCount: ${environment === "prod" ? 3 : 1}

greeting: Hello from ${tenant}
`;
}

/** Every values file of the world, by path. */
export function valuesFiles(
  tenants: readonly string[],
  tag: string,
  digest: string,
): Record<string, string> {
  return Object.fromEntries(
    tenants.flatMap((tenant) =>
      environments.map((environment) => [
        `gitops/tenants/${tenant}/${environment}.yaml`,
        valuesFile(tenant, environment, tag, digest),
      ]),
    ),
  );
}
