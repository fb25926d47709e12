import type { Application } from "#core/application.ts";
import type { TreeNode } from "#core/rollout-images.ts";

/** The Argo CD instances that the settings configure. */
export interface Deployers {
  names(): readonly string[];
  instance(name: string): Deployer | null;
}

/**
 * One Argo CD instance. What Argo CD says no to is a union member; where it does not answer, or not in its own words,
 * a `Fault` is thrown. Reads are tried again inside; a sync never is.
 */
export interface Deployer {
  readonly name: string;
  /**
   * Every application that the account may see: a hint, seconds old, from a cache that can even go backwards. One call
   * is shared by all who ask within about two seconds.
   */
  applications(signal?: AbortSignal): Promise<readonly Application[]>;
  /** One application as it is stored now: the only evidence for a verdict. */
  application(at: ApplicationAt, signal?: AbortSignal): Promise<ApplicationAnswer>;
  /**
   * Has Argo CD compare it with Git and gives what came of it. Where Argo CD takes longer than a while, the application
   * as it is; the wish stays with Argo CD. `hard` renders the manifests anew.
   */
  refresh(
    at: ApplicationAt,
    options: { readonly hard: boolean },
    signal?: AbortSignal,
  ): Promise<ApplicationAnswer>;
  /** Syncs it to whatever Argo CD resolves its branch to, marked with the promotion's id. Never sent twice inside. */
  sync(at: ApplicationAt, promotionId: string, signal?: AbortSignal): Promise<SyncAnswer>;
  /** What it consists of in the cluster. */
  tree(at: ApplicationAt, signal?: AbortSignal): Promise<readonly TreeNode[]>;
  /** Images of its live manifests, workloads without pods included. */
  manifestImages(at: ApplicationAt, signal?: AbortSignal): Promise<readonly string[]>;
  /** May it be synced by Argo CD itself now? */
  syncWindow(at: ApplicationAt, signal?: AbortSignal): Promise<"open" | "closed">;
  /** Does this ApplicationSet sync its applications step by step? `unknown`: the account may not see it. */
  owner(name: string, namespace: string, signal?: AbortSignal): Promise<OwnerKind>;
  /** Version, token and rights, looked at once at start: what somebody should mend. */
  inspect(signal?: AbortSignal): Promise<DeployerReport>;
}

/** Where an application is. All three come from the list, and are always sent. */
export type ApplicationAt = {
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
};

export type ApplicationAnswer =
  | { readonly kind: "found"; readonly application: Application }
  | { readonly kind: "absent"; readonly sentence: string }
  | { readonly kind: "forbidden"; readonly sentence: string };

export type SyncAnswer =
  | { readonly kind: "started"; readonly application: Application }
  /** Another operation is in progress: it is waited for. */
  | { readonly kind: "adopted" }
  /** A sync window is closed. */
  | { readonly kind: "window"; readonly sentence: string }
  | { readonly kind: "absent"; readonly sentence: string }
  | { readonly kind: "forbidden"; readonly sentence: string }
  /** Argo CD will not, and says why: `detail` in its own words. */
  | { readonly kind: "refused"; readonly sentence: string; readonly detail: string };

export type OwnerKind = "progressive" | "free" | "unknown";

export type DeployerReport = {
  /** `v3.5.1`, empty where it is not told. */
  readonly version: string;
  readonly problems: readonly {
    /** `error`: promotions cannot work. `warning`: they can, and should not like this. */
    readonly severity: "error" | "warning";
    readonly sentence: string;
  }[];
};
