import { z } from "zod";

const automated = z.union([
  z.boolean(),
  z.strictObject({
    enabled: z.boolean().optional(),
    prune: z.boolean().optional(),
    selfHeal: z.boolean().optional(),
    allowEmpty: z.boolean().optional(),
  }),
]);

const image = z.strictObject({ repositoryKey: z.string().optional(), tagKey: z.string() });

const workload = z.strictObject({
  name: z.string(),
  kind: z.enum(["Deployment", "StatefulSet", "CronJob"]).default("Deployment"),
  image: image.default({ repositoryKey: "image.repository", tagKey: "image.tag" }),
  initImage: image.optional(),
  digestKey: z.string().optional(),
  replicasKey: z.string().default("replicaCount"),
  wave: z.int().default(0),
});

/** What an application and a generator have in common; every field may use {tenant} and {environment} in a generator. */
const common = {
  namespace: z.string().default("argocd"),
  repoURL: z.string().optional(),
  path: z.string().optional(),
  targetRevision: z.string().optional(),
  valueFiles: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).default({}),
  annotations: z.record(z.string(), z.string()).default({}),
  multiSource: z.boolean().default(false),
  image: image.optional(),
  workloads: z.array(workload).optional(),
  /** The chart's own default values, under those of `<path>/values.yaml`. */
  defaults: z.record(z.string(), z.unknown()).default({}),
  destinationNamespace: z.string().optional(),
  syncOptions: z.array(z.string()).optional(),
  retry: z
    .strictObject({
      limit: z.int().optional(),
      refresh: z.boolean().optional(),
      backoff: z
        .strictObject({
          duration: z.string().optional(),
          factor: z.number().optional(),
          maxDuration: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  hook: z
    .strictObject({ name: z.string(), type: z.enum(["PreSync", "PostSync"]), ms: z.number() })
    .optional(),
};

const application = z.strictObject({
  name: z.string(),
  project: z.string().default("default"),
  automated: automated.default(true),
  tenant: z.string().optional(),
  environment: z.string().optional(),
  ...common,
});

const generator = z.strictObject({
  /** Also the name of the ApplicationSet. */
  generator: z.string().default("tenants"),
  pattern: z.string(),
  name: z.string(),
  project: z.string().default("default"),
  automated: z.union([automated, z.record(z.string(), automated)]).default(true),
  /** "RollingSync" makes it a progressive set. */
  strategy: z.enum(["RollingSync"]).optional(),
  ...common,
});

const AppsFile = z.union([z.array(application), generator, z.array(generator)]);
export const AppInput = application;

export type AppsInput = z.input<typeof AppsFile>;
export type AppConfig = z.output<typeof application>;
export type AppConfigInput = z.input<typeof application>;
export type GeneratorConfig = z.output<typeof generator>;
export type WorkloadConfig = z.output<typeof workload>;

export type ParsedApps = { apps: AppConfig[]; generators: GeneratorConfig[] };

/** Reads the apps FILE; throws with every problem in one message. */
export function parseApps(input: unknown): ParsedApps {
  const isList = Array.isArray(input);
  const items: unknown[] = isList ? input : [input];
  const parsed: ParsedApps = { apps: [], generators: [] };
  const problems: string[] = [];
  for (const [index, item] of items.entries()) {
    const isGenerator = typeof item === "object" && item !== null && "pattern" in item;
    const result = isGenerator ? generator.safeParse(item) : application.safeParse(item);
    if (!result.success) problems.push(`entry ${index}: ${z.prettifyError(result.error)}`);
    else if (isGenerator) parsed.generators.push(result.data as GeneratorConfig);
    else parsed.apps.push(result.data as AppConfig);
  }
  if (problems.length > 0) throw new Error(`the apps are not valid:\n${problems.join("\n")}`);
  return parsed;
}

/** The workloads that an application renders; one Deployment named after it where nothing else is said. */
export function workloadsOf(config: AppConfig): WorkloadConfig[] {
  if (config.workloads !== undefined) return config.workloads;
  return [
    workload.parse({
      name: config.name,
      ...(config.image === undefined ? {} : { image: config.image }),
    }),
  ];
}
