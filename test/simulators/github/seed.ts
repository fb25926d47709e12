import type { MergeMethod } from "./state/merge-rules.ts";
import type { Role } from "./state/records.ts";

/**
 * What the world looks like at first (the `--seed` file is this as JSON).
 *
 * ```json
 * {
 *   "owner": "acme", "ownerType": "Organization",
 *   "owners": ["olivia"], "members": ["mia"], "basePermission": "read",
 *   "users": [{ "login": "rita", "token": "ghp_rita" }],
 *   "teams": [{ "slug": "sre", "members": ["rita"] }],
 *   "app": { "slug": "sluice", "name": "Sluice" },
 *   "repositories": [{
 *     "name": "gitops", "private": true, "defaultBranch": "main",
 *     "files": { "gitops/tenants/tenant-a/dev.yaml": "image:\n  tag: sha-0000000\n" },
 *     "commits": [{ "message": "Change", "files": { "README.md": "# Hi\n", "old.txt": null }, "user": "rita", "branch": "main" }],
 *     "protection": { "requiredChecks": ["sluice/gates"], "requiredApprovals": 1 },
 *     "rules": { "mergeQueue": { "method": "squash" } },
 *     "collaborators": { "rita": "maintain" },
 *     "mergeMethods": ["squash"], "deleteBranchOnMerge": false
 *   }],
 *   "others": [{ "owner": "globex", "repositories": [{ "name": "gitops" }] }]
 * }
 * ```
 *
 * Each owner gets an installation of the App on all its repositories; `installation` narrows, changes or omits it.
 * Users are made when they are first named. A public repository may be read by anyone, also by an App that is not
 * installed there, as on GitHub; a private one is 404 to whoever is not let in.
 */
export type Seed = OwnerSeed & {
  app?: {
    slug?: string;
    name?: string;
    permissions?: Record<string, "read" | "write" | "admin">;
    events?: string[];
    webhookSecret?: string;
    webhookUrl?: string;
  };
  /** Further owners, each with an installation of its own. */
  others?: OwnerSeed[];
};

export type OwnerSeed = {
  owner: string;
  /** Default: Organization. */
  ownerType?: "Organization" | "User";
  owners?: string[];
  members?: string[];
  /** What every member may do; GitHub's default is read. */
  basePermission?: Role | "none";
  users?: { login: string; name?: string; token?: string }[];
  teams?: { slug: string; members: string[]; parent?: string }[];
  repositories?: RepositorySeed[];
  installation?: false | InstallationSeed;
};

export type InstallationSeed = {
  /** Names of the selected repositories; left out: all. */
  repositories?: string[];
  permissions?: Record<string, "read" | "write" | "admin">;
  suspended?: boolean;
};

export type RepositorySeed = {
  name: string;
  private?: boolean;
  description?: string;
  defaultBranch?: string;
  /** The first commit; left out: an empty repository, unless there are `commits`. */
  files?: Record<string, string>;
  commits?: {
    message: string;
    files: Record<string, string | null>;
    user?: string;
    branch?: string;
  }[];
  /** Of the default branch, or of each branch by its name. */
  protection?: ProtectionSeed | Record<string, ProtectionSeed>;
  /** What the rulesets of the default branch ask for together; beside and independent of its protection. */
  rules?: RulesSeed;
  collaborators?: Record<string, Role>;
  mergeMethods?: MergeMethod[];
  deleteBranchOnMerge?: boolean;
  labels?: string[];
  /** `owner/name` of an earlier repository of this seed that this one is a fork of. */
  forkOf?: string;
};

export type ProtectionSeed = {
  requiredChecks?: (string | { context: string; appId?: number | null })[];
  strict?: boolean;
  requiredApprovals?: number;
  dismissStaleReviews?: boolean;
  enforceAdmins?: boolean;
  linearHistory?: boolean;
  locked?: boolean;
  allowForcePushes?: boolean;
  allowDeletions?: boolean;
};

export type RulesSeed = {
  requiredChecks?: string[];
  requiredApprovals?: number;
  /** Logins; one of them must approve. */
  codeOwners?: string[];
  linearHistory?: boolean;
  signatures?: boolean;
  locked?: boolean;
  mergeMethods?: MergeMethod[];
  /** `letsJump`: the App may put a pull request before all others; by default nobody may. */
  mergeQueue?: { method?: MergeMethod; mostToBuild?: number; letsJump?: boolean };
};

/** Least that Sluice needs; an App asks for more at its owner's expense. */
export const defaultPermissions = {
  metadata: "read",
  contents: "write",
  pull_requests: "write",
  checks: "write",
  deployments: "write",
  issues: "write",
  actions: "read",
  packages: "read",
  members: "read",
  statuses: "read",
  attestations: "read",
  merge_queues: "write",
} as const;

export const defaultEvents = [
  "check_run",
  "check_suite",
  "create",
  "delete",
  "issue_comment",
  "issues",
  "merge_group",
  "pull_request",
  "pull_request_review",
  "push",
  "registry_package",
  "status",
  "workflow_run",
];
