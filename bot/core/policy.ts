import type { GatePolicy } from "./gate-policy.ts";
import type { NotificationPolicy } from "./notification.ts";

/**
 * The full policy: what the written `.github/sluice.yaml` means once every default is filled in.
 * `parsePolicy` (policy-parse.ts) makes it; everything else only reads it.
 */
export type Policy = {
  readonly services: readonly ServicePolicy[];
  /** In the order of promotion. */
  readonly environments: readonly EnvironmentPolicy[];
  readonly freezes: readonly FreezePolicy[];
  readonly notifications: readonly NotificationPolicy[];
  readonly pins: readonly PinPolicy[];
  readonly excluded: readonly ExclusionPolicy[];
};

export type ServicePolicy = {
  readonly name: string;
  /** Lower case, with its registry: `ghcr.io/acme/demo-api`. */
  readonly image: string;
  /** Where its code lives; null when artifacts cannot be ordered by ancestry nor check runs mirrored. */
  readonly source: SourcePolicy | null;
  /** What `tags.match` does not match is ignored. */
  readonly match: RegExp;
  readonly order: "ancestry" | "semver" | "published";
  readonly values: {
    /** `gitops/tenants/{tenant}/{environment}.yaml` */
    readonly file: string;
    /** Dotted path of the tag. */
    readonly tag: string;
    /** Dotted path of the digest, where it is pinned too. */
    readonly digest: string | null;
  };
  /** `{tenant}-{environment}` */
  readonly application: string;
};

export type SourcePolicy = {
  /** `acme/demo-api`, of the same installation. */
  readonly repository: string;
  readonly branch: string;
  /** File name under `.github/workflows`: a successful run is a second witness of the artifact. */
  readonly workflow: string | null;
};

export type EnvironmentPolicy = {
  readonly name: string;
  readonly merge: MergePolicy;
  /** Name of the Argo CD instance in the settings. */
  readonly argocd: string;
  readonly promoters: PromotersPolicy;
  readonly gates: readonly GatePolicy[];
  /** At least one; `{ name: "all" }` where the environment states none. */
  readonly rings: readonly RingPolicy[];
  /**
   * What a newer artifact does to an open promotion. `update`: takes its place in the same pull request, once its own
   * time gates have passed. `queue`: waits until the open one is merged or closed. `replace`: as `update`, but the open
   * pull request is closed and another opened, so that what people said and approved belongs to one artifact.
   */
  readonly supersede: "update" | "queue" | "replace";
  /** Rollouts are shown on GitHub's Environments page: two or three more writes each. */
  readonly deployments: boolean;
  readonly rollout: { readonly timeoutMs: number; readonly onFailure: "halt" | "rollback" };
};

/** `auto`: Sluice merges. `manual`: a person does, or consents. `queue`: Sluice puts it into GitHub's merge queue. */
export type MergePolicy = "auto" | "manual" | "queue";

/** Who may promote into an environment: one of the two suffices. */
export type PromotersPolicy = {
  readonly permission: Permission;
  readonly teams: readonly string[];
};

export type Permission = "read" | "triage" | "write" | "maintain" | "admin";

export type RingPolicy = {
  readonly name: string;
  readonly takes: RingTakes;
  readonly soakMs: number;
  /** Tenants that may fail without the ring having failed. */
  readonly maxFailures: number;
};

/** Which of the tenants that no earlier ring took belong to a ring. */
export type RingTakes =
  /** Names, or patterns with `*`: `["*"]` takes everyone. */
  | { readonly kind: "names"; readonly patterns: readonly string[] }
  /** Those in whose values file this text stands at the dotted path. */
  | { readonly kind: "label"; readonly path: string; readonly is: string }
  /** A share of them, 1 to 100. */
  | { readonly kind: "percent"; readonly percent: number };

/** Tenants that Sluice leaves alone. Null: in every service, in every environment. */
export type ExclusionPolicy = {
  readonly service: string | null;
  readonly environment: string | null;
  /** Names, or patterns with `*`. */
  readonly tenants: readonly string[];
  readonly reason: string;
};

/** Tenants that stay on an artifact; at least one of `tag` and `digest` is stated. */
export type PinPolicy = ExclusionPolicy & {
  readonly tag: string | null;
  readonly digest: string | null;
};

export type FreezePolicy = {
  readonly environments: readonly string[];
  readonly from: Date;
  readonly to: Date;
  readonly reason: string;
  /** Holds rollbacks too. */
  readonly strict: boolean;
};

/** One thing that is wrong in a policy file. Lines and columns count from 1. */
export type PolicyProblem = {
  readonly line: number;
  readonly column: number;
  /** Where in the document: `environments[2].gates[0].soak`. */
  readonly path: string;
  /** What is wrong and what to write instead. */
  readonly sentence: string;
};

export function findService(policy: Policy, name: string): ServicePolicy | undefined {
  return policy.services.find((service) => service.name === name);
}

export function findEnvironment(policy: Policy, name: string): EnvironmentPolicy | undefined {
  return policy.environments.find((environment) => environment.name === name);
}
