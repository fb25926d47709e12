import { posix } from "node:path";

import { parseAllDocuments } from "yaml";

import type { Application, Source } from "./application.ts";
import { sourcesOf } from "./application.ts";
import type { AppConfig } from "./apps-file.ts";
import { workloadsOf } from "./apps-file.ts";
import type { GitSource } from "./git-source.ts";
import type { Manifest } from "./manifests.ts";
import { inApplyOrder, workloadManifest } from "./manifests.ts";

type Values = Record<string, unknown>;

export type Rendered = { ok: true; manifests: Manifest[] } | { ok: false; message: string };

export type RenderInput = {
  app: Application;
  config: AppConfig;
  /** Index-aligned with the application's sources. */
  revisions: string[];
  git: (repoURL: string) => Promise<GitSource>;
};

class ManifestError extends Error {}

/** Helm's merge: maps merge deeply, anything else replaces, null removes. */
function mergeValues(base: Values, over: Values): Values {
  const merged: Values = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    if (value === null) delete merged[key];
    else if (isMap(before) && isMap(value)) merged[key] = mergeValues(before, value);
    else merged[key] = isMap(value) ? mergeValues({}, value) : value;
  }
  return merged;
}

export async function render(input: RenderInput): Promise<Rendered> {
  const sources = sourcesOf(input.app);
  const rendered = sources.findIndex((source) => source.ref === undefined);
  try {
    const values = await readValues(input, sources, rendered);
    return { ok: true, manifests: inApplyOrder(manifestsFrom(input, values)) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const place = `source ${rendered + 1} of ${sources.length}`;
    return {
      ok: false,
      message: `Failed to load target state: failed to generate manifest for ${place}: rpc error: code = Unknown desc = ${error.message}`,
    };
  }
}

async function readValues(input: RenderInput, sources: Source[], index: number): Promise<Values> {
  const source = sources[index]!;
  let values: Values = input.config.defaults;
  if (source.chart === undefined) {
    const chart = posix.join(source.path ?? ".", "values.yaml");
    const text = await readAt(input, source, input.revisions[index]!, chart);
    if (text !== undefined) values = mergeValues(values, parseValues(chart, text));
  }
  for (const file of source.helm?.valueFiles ?? []) {
    const place = locate(sources, index, file);
    const text = await readAt(input, place.source, input.revisions[place.index]!, place.path);
    if (text === undefined) {
      throw new ManifestError(
        `failed to execute helm template command: failed to get command args to log: \`helm template . --name-template ${input.app.metadata.name} --values ${file}\` failed exit status 1: Error: open ${file}: no such file or directory`,
      );
    }
    values = mergeValues(values, parseValues(file, text));
  }
  return values;
}

function locate(sources: Source[], index: number, file: string) {
  const source = sources[index]!;
  const match = /^\$([^/]+)\/(.+)$/.exec(file);
  if (match !== null) {
    const at = sources.findIndex((item) => item.ref === match[1]);
    if (at < 0) {
      throw new ManifestError(
        `error resolving helm value files: source referenced "${match[1]}", but no source has a 'ref' field defined`,
      );
    }
    return { source: sources[at]!, index: at, path: posix.normalize(match[2]!) };
  }
  const path = file.startsWith("/")
    ? posix.normalize(file.slice(1))
    : posix.join(source.path ?? ".", file);
  if (path.startsWith("..")) {
    throw new ManifestError(
      `error resolving helm value files: value file '${file}' resolved to outside repository root`,
    );
  }
  return { source, index, path };
}

async function readAt(input: RenderInput, source: Source, sha: string, path: string) {
  return (await input.git(source.repoURL)).readFile(sha, path);
}

/** Helm reads YAML 1.1 and, of duplicate keys, the last. */
function parseValues(file: string, text: string): Values {
  try {
    const [document] = parseAllDocuments(text, { version: "1.1", merge: true, uniqueKeys: false });
    if (document === undefined) return {};
    if (document.errors.length > 0) throw document.errors[0];
    const value: unknown = document.toJS();
    if (value === null) return {};
    if (isMap(value)) return value;
    throw new Error("error unmarshaling JSON: json: cannot unmarshal into Go value of type map");
  } catch (error) {
    throw new ManifestError(
      `failed to execute helm template command: Error: failed to parse ${file}: error converting YAML to JSON: yaml: ${(error as Error).message.split("\n")[0]}`,
    );
  }
}

function manifestsFrom(input: RenderInput, values: Values): Manifest[] {
  const namespace = input.app.spec.destination.namespace ?? "default";
  const manifests: Manifest[] = [];
  const used = new Set(["env"]);
  for (const workload of workloadsOf(input.config)) {
    const image = imageFrom(values, workload.image, workload.digestKey, workload.name);
    const init =
      workload.initImage === undefined
        ? []
        : [
            {
              name: "init",
              image: imageFrom(values, workload.initImage, undefined, workload.name),
            },
          ];
    const env = isMap(values["env"]) ? values["env"] : {};
    const container = {
      name: workload.name,
      image,
      env: Object.entries(env).map(([name, value]) => ({ name, value: String(value) })),
    };
    const replicas = Number(at(values, workload.replicasKey) ?? 1);
    const meta = { name: workload.name, namespace, wave: workload.wave };
    manifests.push(
      workloadManifest(workload.kind, meta, replicas, {
        containers: [container],
        initContainers: init,
      }),
    );
    if (workload.kind !== "CronJob") {
      manifests.push({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: workload.name, namespace },
        spec: { type: "ClusterIP", ports: [{ port: 80, targetPort: 8000 }] },
      });
    }
    for (const key of [workload.image.tagKey, workload.replicasKey]) used.add(key.split(".")[0]!);
  }
  const rest = Object.entries(values).filter(([key]) => !used.has(key));
  manifests.push({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `${input.app.metadata.name}-config`, namespace },
    data: Object.fromEntries(rest.map(([key, value]) => [key, JSON.stringify(value)])),
  });
  return manifests;
}

function imageFrom(
  values: Values,
  keys: { repositoryKey?: string | undefined; tagKey: string },
  digestKey: string | undefined,
  workload: string,
): string {
  const repositoryKey = keys.repositoryKey ?? keys.tagKey.replace(/[^.]+$/, "repository");
  const repository = at(values, repositoryKey) ?? workload;
  const tag = at(values, keys.tagKey);
  if (tag === undefined || tag === "" || isMap(tag)) {
    throw new ManifestError(
      `failed to execute helm template command: Error: execution error at (service/templates/${workload}.yaml:1:1): ${keys.tagKey} is required`,
    );
  }
  const digest = digestKey === undefined ? undefined : at(values, digestKey);
  return `${scalar(repository)}:${scalar(tag)}${digest === undefined ? "" : `@${scalar(digest)}`}`;
}

/** A number prints as Go's template engine prints a float64 that came through JSON. */
function scalar(value: unknown): string {
  if (typeof value !== "number" || Math.abs(value) < 1e6) return String(value);
  const [mantissa = "", exponent = ""] = value.toExponential().split("e+");
  return `${mantissa}e+${exponent.padStart(2, "0")}`;
}

function at(values: Values, path: string): unknown {
  let node: unknown = values;
  for (const key of path.split(".")) node = isMap(node) ? node[key] : undefined;
  return node;
}

function isMap(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
