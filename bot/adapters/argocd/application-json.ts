import { z } from "zod";

import type { Application, HealthStatus, SyncStatus } from "#core/application.ts";

/** Only what is needed, and nothing required but the name: Argo CD leaves out, empties or nulls the rest at times. */
const text = z.string().nullish().catch(undefined);
const texts = z.array(z.string()).nullish().catch(undefined);
const time = z
  .string()
  .nullish()
  .catch(undefined)
  .transform((value) => {
    const date = new Date(value ?? "");
    return Number.isNaN(date.getTime()) ? null : date;
  });
const infos = z.array(z.object({ name: z.string(), value: z.string().catch("") })).nullish();

const source = z.object({
  repoURL: text,
  ref: text,
  helm: z.object({ valueFiles: texts }).nullish().catch(undefined),
});

const operation = z.object({
  sync: z.object({ revision: text, revisions: texts }).nullish(),
  initiatedBy: z.object({ username: text, automated: z.boolean().nullish() }).nullish(),
  info: infos.catch(undefined),
});

const resourceResult = z.object({
  kind: text,
  name: text,
  status: text,
  hookPhase: text,
  message: text,
});

const operationState = z.object({
  phase: z.enum(["Running", "Terminating", "Succeeded", "Failed", "Error"]).catch("Running"),
  message: text,
  startedAt: time,
  finishedAt: time,
  retryCount: z.number().nullish().catch(undefined),
  operation: operation.nullish(),
  syncResult: z
    .object({
      revision: text,
      revisions: texts,
      resources: z.array(resourceResult).nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
});

const resource = z.object({
  kind: text,
  name: text,
  status: text,
  requiresPruning: z.boolean().nullish().catch(undefined),
  health: z.object({ status: text, message: text }).nullish().catch(undefined),
});

/** One Application of `GET /api/v1/applications…`. */
export const ApplicationJson = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: text,
    resourceVersion: text,
    deletionTimestamp: text,
    annotations: z.record(z.string(), z.string()).nullish().catch(undefined),
    ownerReferences: z
      .array(z.object({ kind: text, name: text }))
      .nullish()
      .catch(undefined),
  }),
  spec: z.object({
    project: text,
    source: source.nullish(),
    sources: z.array(source).nullish(),
    sourceHydrator: z
      .object({ drySource: z.object({ repoURL: text }).nullish() })
      .nullish()
      .catch(undefined),
    syncPolicy: z
      .object({ automated: z.object({ enabled: z.boolean().nullish() }).nullish() })
      .nullish()
      .catch(undefined),
  }),
  status: z
    .object({
      sync: z.object({ status: text, revision: text, revisions: texts }).nullish(),
      health: z.object({ status: text, message: text, lastTransitionTime: time }).nullish(),
      reconciledAt: time,
      operationState: operationState.nullish(),
      conditions: z
        .array(z.object({ type: text, message: text, lastTransitionTime: time }))
        .nullish(),
      summary: z.object({ images: texts }).nullish(),
      resources: z.array(resource).nullish(),
      sourceHydrator: z
        .object({
          lastSuccessfulOperation: z.object({ drySHA: text, hydratedSHA: text }).nullish(),
          currentOperation: z.object({ phase: text, message: text }).nullish(),
        })
        .nullish()
        .catch(undefined),
    })
    .nullish(),
  operation: operation.nullish(),
});

type Json = z.output<typeof ApplicationJson>;

export function applicationFrom(json: Json): Application {
  const { metadata, spec } = json;
  const status: Partial<NonNullable<Json["status"]>> = json.status ?? {};
  const automated = spec.syncPolicy?.automated;
  const sources = spec.sources?.length ? spec.sources : spec.source ? [spec.source] : [];
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? "",
    project: spec.project ?? "default",
    resourceVersion: numberFrom(metadata.resourceVersion),
    deleting: Boolean(metadata.deletionTimestamp),
    automated: automated !== null && automated !== undefined && automated.enabled !== false,
    ignored: metadata.annotations?.["argocd.argoproj.io/skip-reconcile"] === "true",
    owner: metadata.ownerReferences?.find((owner) => owner.kind === "ApplicationSet")?.name ?? null,
    sources: sources.map((one) => ({
      url: one.repoURL ?? "",
      ref: one.ref ?? null,
      valueFiles: one.helm?.valueFiles ?? [],
    })),
    hydrator: hydratorFrom(json),
    sync: {
      status: syncStatus(status.sync?.status),
      revisions: revisionsFrom(status.sync),
    },
    health: {
      status: healthStatus(status.health?.status),
      message: status.health?.message ?? "",
      since: status.health?.lastTransitionTime ?? null,
    },
    reconciledAt: status.reconciledAt ?? null,
    requested: json.operation ? operationFrom(json.operation) : null,
    operation: operationStateFrom(status.operationState),
    conditions: (status.conditions ?? []).map((condition) => ({
      type: condition.type ?? "",
      message: condition.message ?? "",
      since: condition.lastTransitionTime,
    })),
    images: status.summary?.images ?? [],
    resources: (status.resources ?? []).map((one) => ({
      name: `${one.kind ?? ""}/${one.name ?? ""}`,
      status: syncStatus(one.status),
      requiresPruning: one.requiresPruning === true,
      health: one.health?.status ? healthStatus(one.health.status) : null,
      message: one.health?.message ?? "",
    })),
  };
}

function operationFrom(json: z.output<typeof operation>) {
  const by = json.initiatedBy;
  return {
    revisions: revisionsFrom(json.sync),
    infos: json.info ?? [],
    startedBy: by?.username ?? (by?.automated === true ? "automated" : ""),
  };
}

function operationStateFrom(
  json: z.output<typeof operationState> | null | undefined,
): Application["operation"] {
  if (!json) return null;
  const requested = operationFrom(json.operation ?? {});
  const result = revisionsFrom(json.syncResult);
  const failures = (json.syncResult?.resources ?? []).filter(
    ({ status, hookPhase }) =>
      status === "SyncFailed" || hookPhase === "Failed" || hookPhase === "Error",
  );
  return {
    ...requested,
    revisions: result.length > 0 ? result : requested.revisions,
    phase: json.phase,
    message: json.message ?? "",
    startedAt: json.startedAt,
    finishedAt: json.finishedAt,
    retries: json.retryCount ?? 0,
    failures: failures.map(({ kind, name, message }) => ({
      resource: `${kind ?? ""}/${name ?? ""}`,
      message: message ?? "",
    })),
  };
}

function hydratorFrom(json: Json): Application["hydrator"] {
  const url = json.spec.sourceHydrator?.drySource?.repoURL;
  if (!url) return null;
  const { lastSuccessfulOperation, currentOperation } = json.status?.sourceHydrator ?? {};
  return {
    url,
    drySha: lastSuccessfulOperation?.drySHA ?? null,
    hydratedSha: lastSuccessfulOperation?.hydratedSHA ?? null,
    failure:
      currentOperation?.phase === "Failed" ? (currentOperation.message ?? "it failed") : null,
  };
}

/** `revisions` of several sources, or the one `revision`; empty texts are kept so that the index stays right. */
function revisionsFrom(
  json:
    | { revision?: string | null | undefined; revisions?: string[] | null | undefined }
    | null
    | undefined,
): readonly string[] {
  if (json?.revisions?.length) return json.revisions;
  return json?.revision ? [json.revision] : [];
}

function syncStatus(value: string | null | undefined): SyncStatus {
  return value === "Synced" || value === "OutOfSync" ? value : "Unknown";
}

const healthStatuses = ["Healthy", "Suspended", "Progressing", "Missing", "Degraded"] as const;

function healthStatus(value: string | null | undefined): HealthStatus {
  return healthStatuses.find((status) => status === value) ?? "Unknown";
}

function numberFrom(value: string | null | undefined): number | null {
  const number = Number(value ?? "");
  return value && Number.isSafeInteger(number) ? number : null;
}
