import { randomUUID } from "node:crypto";

import type { AppConfig, GeneratorConfig } from "./apps-file.ts";
import { setOperation } from "./auto-sync.ts";
import { automatedOf } from "./new-application.ts";
import type { ApplicationSetState, World } from "./world.ts";
import { background } from "./world.ts";

type Parameters = { tenant: string; environment: string };

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";

/**
 * The ApplicationSet controller with a Git files generator: it polls the repository by itself
 * (180 s), so that a new tenant's application appears later than its file.
 */
export function addGenerator(world: World, config: GeneratorConfig): void {
  const set: ApplicationSetState = { config, uid: randomUUID(), apps: new Set() };
  world.applicationSets.push(set);
  if (config.strategy === "RollingSync") rollEverySync(world, set);
  const poll = async () => {
    await generate(world, set).catch(() => undefined);
    world.scheduler.after(world.timings.generatorPoll, () =>
      background(world, `generator ${config.generator}`, poll()),
    );
  };
  background(world, `generator ${config.generator}`, poll());
}

/** A RollingSync set starts its applications' operations itself, without a revision. */
function rollEverySync(world: World, set: ApplicationSetState): void {
  world.store.subscribe(({ type, application }) => {
    const { name } = application.metadata;
    const { sync, operationState } = application.status;
    if (type === "DELETED" || !set.apps.has(name) || sync.status !== "OutOfSync") return;
    const failedHere =
      operationState?.phase !== undefined &&
      operationState.phase !== "Succeeded" &&
      operationState.syncResult?.revision === sync.revision;
    if (application.operation !== undefined || failedHere) return;
    if (operationState?.finishedAt !== undefined) {
      // Not yet compared after the last operation: this OutOfSync is the old one.
      if ((application.status.reconciledAt ?? "") < operationState.finishedAt) return;
      if (operationState.syncResult?.revision === sync.revision) return;
    }
    setOperation(world, name, {
      sync: {},
      initiatedBy: { username: "applicationset-controller", automated: true },
      info: [
        {
          name: "Reason",
          value: "ApplicationSet RollingSync triggered a sync of this Application resource",
        },
      ],
      retry: { limit: 5 },
    });
  });
}

/** One pass: creates what has a file, deletes what has none any more, touches nothing else. */
export async function generate(world: World, set: ApplicationSetState): Promise<void> {
  const { config } = set;
  const git = await world.git(config.repoURL ?? world.defaultRepoURL);
  const sha = await git.resolve(config.targetRevision ?? "HEAD", { noCache: true });
  const wanted = new Map<string, AppConfig>();
  for (const path of await git.listFiles(sha)) {
    const parameters = readPattern(config.pattern, path);
    if (parameters === undefined) continue;
    const app = instantiate(config, parameters, path);
    wanted.set(app.name, app);
  }
  for (const name of set.apps) {
    if (wanted.has(name)) continue;
    set.apps.delete(name);
    world.removeApp(name);
  }
  for (const [name, app] of wanted) {
    if (world.states.has(name)) continue;
    set.apps.add(name);
    world.addApp(app, { name: config.generator, uid: set.uid });
  }
}

/** `{tenant}` and `{environment}` each stand for one whole RFC 1123 label. */
function readPattern(pattern: string, path: string): Parameters | undefined {
  const seen = new Set<string>();
  const body = pattern
    .split(/(\{tenant\}|\{environment\})/)
    .map((part) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
      if (seen.has(name)) return String.raw`\k<${name}>`;
      seen.add(name);
      return `(?<${name}>${LABEL})`;
    })
    .join("");
  const groups = new RegExp(`^${body}$`).exec(path)?.groups;
  if (groups === undefined) return undefined;
  return { tenant: groups["tenant"] ?? "", environment: groups["environment"] ?? "" };
}

function instantiate(config: GeneratorConfig, parameters: Parameters, path: string): AppConfig {
  const { generator: _name, pattern: _pattern, strategy, automated, ...rest } = config;
  const filled = JSON.parse(
    JSON.stringify(rest)
      .replaceAll("{tenant}", parameters.tenant)
      .replaceAll("{environment}", parameters.environment),
  ) as typeof rest;
  // A RollingSync set switches its applications' own automation off and starts the operations itself.
  const policy =
    strategy === "RollingSync" ? false : automatedFor(automated, parameters.environment);
  return {
    ...filled,
    valueFiles: filled.valueFiles ?? [path],
    automated: policy,
    tenant: parameters.tenant,
    environment: parameters.environment,
  };
}

function automatedFor(
  setting: GeneratorConfig["automated"],
  environment: string,
): AppConfig["automated"] {
  if (typeof setting === "boolean") return setting;
  const perEnvironment = setting as Record<string, AppConfig["automated"] | undefined>;
  const known = ["enabled", "prune", "selfHeal", "allowEmpty"];
  if (Object.keys(setting).every((key) => known.includes(key))) {
    return automatedOf(setting as AppConfig["automated"]) === undefined
      ? false
      : (setting as AppConfig["automated"]);
  }
  return perEnvironment[environment] ?? false;
}
