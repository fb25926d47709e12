/** The Application as Argo CD 3.x prints it: plain Go `encoding/json`, so structs are never left out and `null` means "nil slice". */

export type HealthStatus =
  | "Healthy"
  | "Suspended"
  | "Progressing"
  | "Missing"
  | "Degraded"
  | "Unknown";
export type SyncStatus = "" | "Synced" | "OutOfSync" | "Unknown";
export type OperationPhase = "Running" | "Terminating" | "Succeeded" | "Failed" | "Error";

export type Source = {
  repoURL: string;
  path?: string;
  chart?: string;
  targetRevision?: string;
  helm?: { valueFiles?: string[] };
  ref?: string;
};

type Destination = { server?: string; namespace?: string };

export type ResourceStatus = {
  group?: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  status: SyncStatus;
  health?: { status: HealthStatus; message?: string };
  requiresPruning?: boolean;
};

export type SyncOperation = {
  revision?: string;
  revisions?: string[];
  prune?: boolean;
  dryRun?: boolean;
  resources?: { group?: string; kind: string; name: string; namespace?: string }[];
  source?: Source;
  sources?: Source[];
  syncStrategy?: unknown;
  syncOptions?: string[];
  selfHealAttemptsCount?: number;
};

export type RetryStrategy = {
  limit?: number;
  backoff?: { duration?: string; factor?: number; maxDuration?: string };
  refresh?: boolean;
};

export type Operation = {
  sync?: SyncOperation;
  initiatedBy: { username?: string; automated?: boolean };
  info?: { name: string; value: string }[];
  retry: RetryStrategy;
};

export type ResourceResult = {
  group: string;
  version: string;
  kind: string;
  namespace: string;
  name: string;
  status?: "Synced" | "SyncFailed" | "Pruned" | "PruneSkipped";
  message?: string;
  hookType?: string;
  hookPhase?: OperationPhase;
  syncPhase?: string;
  images?: string[];
};

export type SyncResult = {
  resources?: ResourceResult[];
  revision: string;
  source: Source;
  sources?: Source[];
  revisions?: string[];
};

type OperationState = {
  operation: Operation;
  phase: OperationPhase;
  message?: string;
  syncResult?: SyncResult;
  startedAt: string;
  finishedAt?: string;
  retryCount?: number;
};

export type HistoryEntry = {
  revision?: string;
  revisions?: string[];
  deployedAt: string;
  id: number;
  source: Source;
  sources?: Source[];
  deployStartedAt: string;
  initiatedBy: { username?: string; automated?: boolean };
};

export type Condition = { type: string; message: string; lastTransitionTime: string };

export type Application = {
  metadata: {
    name: string;
    namespace: string;
    uid: string;
    resourceVersion: string;
    generation: number;
    creationTimestamp: string;
    deletionTimestamp?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string }[];
  };
  spec: {
    source?: Source;
    sources?: Source[];
    destination: Destination;
    project: string;
    syncPolicy?: {
      automated?: { enabled?: boolean; prune?: boolean; selfHeal?: boolean; allowEmpty?: boolean };
      syncOptions?: string[];
      retry?: RetryStrategy;
    };
  };
  status: {
    resources?: ResourceStatus[];
    sync: {
      status: SyncStatus;
      comparedTo: { source: Source; sources?: Source[]; destination: Destination };
      revision?: string;
      revisions?: string[];
    };
    health: { status?: HealthStatus; lastTransitionTime?: string };
    history?: HistoryEntry[];
    conditions?: Condition[];
    reconciledAt?: string;
    operationState?: OperationState;
    sourceType?: string;
    sourceTypes?: string[];
    summary: { images?: string[] };
    resourceHealthSource?: "appTree";
    controllerNamespace?: string;
    sourceHydrator: Record<string, never>;
  };
  operation?: Operation;
};

export const REFRESH_ANNOTATION = "argocd.argoproj.io/refresh";
export const SKIP_RECONCILE_ANNOTATION = "argocd.argoproj.io/skip-reconcile";
export const PATHS_ANNOTATION = "argocd.argoproj.io/manifest-generate-paths";

/** Every source of an application, in order; one for the single-source form. */
export function sourcesOf(app: Application): Source[] {
  if (app.spec.sources !== undefined) return app.spec.sources;
  return app.spec.source === undefined ? [] : [app.spec.source];
}

/** types.go:1531-1536: the object is there and `enabled` is not false. */
export function isAutomated(app: Application): boolean {
  const automated = app.spec.syncPolicy?.automated;
  return automated !== undefined && automated.enabled !== false;
}

export function isCompleted(phase: OperationPhase | undefined): boolean {
  return phase === "Succeeded" || phase === "Failed" || phase === "Error";
}
