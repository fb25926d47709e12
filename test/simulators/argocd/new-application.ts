import { randomUUID } from "node:crypto";

import type { Application, Source } from "./application.ts";
import type { AppConfig } from "./apps-file.ts";

type Owner = { name: string; uid: string };

export type NewApplication = { stamp: string; defaultRepoURL: string; owner?: Owner };

/** A never-reconciled Application: struct-valued fields are there and empty, as the API prints them. */
export function newApplication(config: AppConfig, options: NewApplication): Application {
  const automated = automatedOf(config.automated);
  const policy = {
    ...(automated === undefined ? {} : { automated }),
    ...(config.syncOptions === undefined ? {} : { syncOptions: config.syncOptions }),
    ...(config.retry === undefined ? {} : { retry: config.retry as never }),
  };
  const labels = {
    ...(config.tenant === undefined ? {} : { tenant: config.tenant }),
    ...(config.environment === undefined ? {} : { environment: config.environment }),
    ...config.labels,
  };
  return {
    metadata: {
      name: config.name,
      namespace: config.namespace,
      uid: randomUUID(),
      resourceVersion: "0",
      generation: 0,
      creationTimestamp: options.stamp,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(config.annotations).length === 0
        ? {}
        : { annotations: { ...config.annotations } }),
      ...(options.owner === undefined
        ? {}
        : {
            ownerReferences: [
              { apiVersion: "argoproj.io/v1alpha1", kind: "ApplicationSet", ...options.owner },
            ],
          }),
    },
    spec: {
      ...specSources(config, options.defaultRepoURL),
      destination: {
        server: "https://kubernetes.default.svc",
        namespace: config.destinationNamespace ?? config.tenant ?? config.name,
      },
      project: config.project,
      ...(Object.keys(policy).length === 0 ? {} : { syncPolicy: policy }),
    },
    status: {
      sync: { status: "", comparedTo: { source: { repoURL: "" }, destination: {} } },
      health: {},
      summary: {},
      sourceHydrator: {},
    },
  };
}

export function automatedOf(
  setting: AppConfig["automated"],
): { enabled?: boolean; prune?: boolean; selfHeal?: boolean; allowEmpty?: boolean } | undefined {
  if (setting === false) return undefined;
  if (setting === true) return { prune: true, selfHeal: false };
  return setting as { enabled?: boolean; prune?: boolean; selfHeal?: boolean };
}

function specSources(
  config: AppConfig,
  defaultRepoURL: string,
): { source?: Source; sources?: Source[] } {
  const repoURL = config.repoURL ?? defaultRepoURL;
  const targetRevision = config.targetRevision ?? "HEAD";
  const valueFiles = config.valueFiles ?? [];
  if (!config.multiSource) {
    return { source: { repoURL, path: config.path ?? ".", targetRevision, helm: { valueFiles } } };
  }
  return {
    sources: [
      {
        repoURL: "https://charts.example.com",
        chart: "service",
        targetRevision: "1.4.2",
        helm: { valueFiles: valueFiles.map((file) => `$values/${file}`) },
      },
      { repoURL, targetRevision, ref: "values" },
    ],
  };
}
