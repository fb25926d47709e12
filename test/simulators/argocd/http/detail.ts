import { sourcesOf } from "../application.ts";
import { formatTime } from "../scheduler.ts";
import { getApp } from "./access.ts";
import type { Call } from "./api.ts";
import { queryProject } from "./api.ts";
import { ApiError } from "./reply.ts";
import { parseSelector } from "./selector.ts";

function appOf(call: Call) {
  const { world, accounts } = call.api;
  return getApp(world, accounts, call.session, {
    action: "get",
    project: queryProject(call.query),
    name: call.params["name"]!,
  });
}

const REASONS: Record<string, string> = {
  "set operation": "OperationStarted",
  "operation finished": "OperationCompleted",
  created: "ResourceCreated",
};

/** Kubernetes events of the Application object, from the timeline. */
export function events(call: Call): unknown {
  const app = appOf(call);
  const { name, namespace, uid } = app.metadata;
  const entries = call.api.world.store.timeline.filter((entry) => entry.app === name);
  const items = entries.map((entry) => ({
    metadata: { name: `${name}.${entry.resourceVersion}`, namespace, creationTimestamp: entry.at },
    involvedObject: { kind: "Application", namespace, name, uid },
    reason: REASONS[entry.cause] ?? "ResourceUpdated",
    message: entry.cause,
    source: { component: "argocd-application-controller" },
    firstTimestamp: entry.at,
    lastTimestamp: entry.at,
    count: 1,
    type: entry.phase === "Failed" || entry.phase === "Error" ? "Warning" : "Normal",
  }));
  return { metadata: {}, items: items.length === 0 ? null : items };
}

export async function revisionMetadata(call: Call): Promise<unknown> {
  const app = appOf(call);
  const source = sourcesOf(app).find((item) => item.chart === undefined);
  if (source === undefined) throw new ApiError(3, "the application has no Git source");
  const git = await call.api.world.git(source.repoURL);
  try {
    const info = await git.commit(call.params["revision"]!);
    return {
      author: info.author,
      date: formatTime(Date.parse(info.date)),
      ...(info.tags.length === 0 ? {} : { tags: info.tags }),
      message: info.message,
    };
  } catch (error) {
    throw new ApiError(2, (error as Error).message);
  }
}

/** Unlike applications: unknown is a 404 (server/applicationset/applicationset.go). */
export function listApplicationSets(call: Call): unknown {
  const selects = parseSelector(call.query.get("selector"));
  const items = call.api.world.applicationSets.filter(() => selects({})).map(printSet);
  return { metadata: {}, items: items.length === 0 ? null : items };
}

export function getApplicationSet(call: Call): unknown {
  const name = call.params["name"]!;
  const set = call.api.world.applicationSets.find((item) => item.config.generator === name);
  if (set === undefined) {
    throw new ApiError(5, `applicationsets.argoproj.io "${name}" not found`);
  }
  return printSet(set);
}

function printSet(set: Call["api"]["world"]["applicationSets"][number]): unknown {
  const { config, uid } = set;
  return {
    metadata: { name: config.generator, namespace: config.namespace, uid },
    spec: {
      generators: [
        {
          git: {
            repoURL: config.repoURL ?? "",
            revision: config.targetRevision ?? "HEAD",
            files: [{ path: config.pattern.replace(/\{\w+\}/g, "*") }],
            template: {},
          },
        },
      ],
      template: { metadata: { name: config.name }, spec: { project: config.project } },
      ...(config.strategy === undefined
        ? {}
        : { strategy: { type: config.strategy, rollingSync: { steps: [] } } }),
    },
    status: { applicationStatus: [...set.apps].map((application) => ({ application })) },
  };
}
