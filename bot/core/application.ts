/**
 * One Argo CD Application, reduced to what a verdict needs. Unknown words of Argo CD become `Unknown`, a missing time
 * null; nothing here is ever guessed.
 */
export type Application = {
  readonly name: string;
  readonly namespace: string;
  readonly project: string;
  /** Grows with every write; larger is newer. Null where it is no number. */
  readonly resourceVersion: number | null;
  /** `deletionTimestamp` is set. */
  readonly deleting: boolean;
  /** Argo CD syncs it by itself: `automated` is there and not switched off. */
  readonly automated: boolean;
  /** The controller is told to ignore it (`argocd.argoproj.io/skip-reconcile`). */
  readonly ignored: boolean;
  /** Name of the ApplicationSet that owns it. */
  readonly owner: string | null;
  /** In the order of the specification; `status.sync.revisions` has the same order. */
  readonly sources: readonly ApplicationSource[];
  readonly hydrator: Hydration | null;
  readonly sync: {
    readonly status: SyncStatus;
    /** Index-aligned with `sources`; a text that is no SHA stays as it is and is not trusted. */
    readonly revisions: readonly string[];
  };
  readonly health: {
    readonly status: HealthStatus;
    readonly message: string;
    /** Since when it has had this status. */
    readonly since: Date | null;
  };
  /** Second in which the last full comparison started. */
  readonly reconciledAt: Date | null;
  /** Requested or running; null once Argo CD has put it away. */
  readonly requested: Operation | null;
  /** The operation that runs or ran last. */
  readonly operation: OperationState | null;
  readonly conditions: readonly ApplicationCondition[];
  /** Images of all pods in the tree, finished ones included. */
  readonly images: readonly string[];
  readonly resources: readonly ResourceState[];
};

export type SyncStatus = "Synced" | "OutOfSync" | "Unknown";
export type HealthStatus =
  | "Healthy"
  | "Suspended"
  | "Progressing"
  | "Missing"
  | "Degraded"
  | "Unknown";

type ApplicationSource = {
  readonly url: string;
  /** Name by which other sources read its files: `$values/…`. */
  readonly ref: string | null;
  readonly valueFiles: readonly string[];
};

/** The source hydrator: a dry commit is rendered into a hydrated one, which is then synced. */
type Hydration = {
  readonly url: string;
  readonly drySha: string | null;
  readonly hydratedSha: string | null;
  /** Why hydrating fails now; null while it does not. */
  readonly failure: string | null;
};

type Operation = {
  readonly revisions: readonly string[];
  readonly infos: readonly { readonly name: string; readonly value: string }[];
  readonly startedBy: string;
};

export type OperationState = Operation & {
  readonly phase: "Running" | "Terminating" | "Succeeded" | "Failed" | "Error";
  readonly message: string;
  readonly startedAt: Date | null;
  /** Also set while it is `Running` and waits for its next try. */
  readonly finishedAt: Date | null;
  readonly retries: number;
  /** What it did to each resource, where that went wrong. */
  readonly failures: readonly { readonly resource: string; readonly message: string }[];
};

type ApplicationCondition = {
  readonly type: string;
  readonly message: string;
  readonly since: Date | null;
};

type ResourceState = {
  /** `Deployment/demo-api` */
  readonly name: string;
  readonly status: SyncStatus;
  /** Live, but no longer in Git. */
  readonly requiresPruning: boolean;
  readonly health: HealthStatus | null;
  readonly message: string;
};

/** The operation is requested, runs, is being ended, or waits for its next try. */
export function isOperating(application: Application): boolean {
  const phase = application.operation?.phase;
  return application.requested !== null || phase === "Running" || phase === "Terminating";
}

/** Nothing but resources that wait to be pruned keeps it from being Synced. */
export function isPrunePending(application: Application): boolean {
  const apart = application.resources.filter((resource) => resource.status === "OutOfSync");
  return apart.length > 0 && apart.every((resource) => resource.requiresPruning);
}

/**
 * The revisions of a GitOps repository (`owner/name`) that Argo CD compared with last: one, or more where several
 * sources read that repository. With `$values` only the sources that hold the values count. Empty: no source reads it.
 *
 * Argo CD compares URLs in lower case, without `.git`, whatever the scheme (util/git/git.go:63-80); the host is left
 * out here, so that a mirror or an internal address of the same repository counts too. `revisions` may be those of an
 * operation instead.
 */
export function gitopsRevisions(
  application: Application,
  repository: string,
  revisions: readonly string[] = application.sync.revisions,
): readonly string[] {
  const { hydrator, sources } = application;
  if (hydrator !== null)
    return readsRepository(hydrator.url, repository) ? [hydrator.drySha ?? ""] : [];
  const matching = sources
    .map((source, index) => ({ source, revision: revisions[index] ?? "" }))
    .filter(({ source }) => readsRepository(source.url, repository));
  const valuesRefs = new Set(
    sources.flatMap((source) => source.valueFiles).map((file) => /^\$([^/]+)\//.exec(file)?.[1]),
  );
  const holders = matching.filter(
    ({ source }) => source.ref !== null && valuesRefs.has(source.ref),
  );
  return [...new Set((holders.length > 0 ? holders : matching).map(({ revision }) => revision))];
}

function readsRepository(url: string, repository: string): boolean {
  const path = url
    .toLowerCase()
    .trim()
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
  const wanted = repository.toLowerCase();
  return path.endsWith(`/${wanted}`) || path.endsWith(`:${wanted}`);
}
