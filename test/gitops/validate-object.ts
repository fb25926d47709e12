import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

import { watchReads } from "./watch-reads.ts";

/** Where the typed schemas live: Kubernetes' own first, then those of the operators that the platform uses. */
const packages: readonly string[] = [
  "kubernetes-models",
  "@kubernetes-models/argo-cd",
  "@kubernetes-models/external-secrets",
  "@kubernetes-models/flux-cd",
  "@kubernetes-models/kyverno",
  "@kubernetes-models/prometheus-operator",
];
const modules = resolve(import.meta.dirname, "../../node_modules");

/** Keys that are newer than the schemas. */
const newer: Readonly<Record<string, RegExp>> = {
  // External Secrets 2.3.0 (external-secrets#6194) brought it; the package was generated before.
  "external-secrets.io/v1 ExternalSecret":
    /^spec\.data(From)?\[\d+\]\.(remoteRef|extract)\.nullBytePolicy$/,
};

type Model = { readonly prototype: { readonly validate: (this: object) => void } };
type Failure = { readonly instancePath: string; readonly message?: string };

/**
 * What is wrong with a Kubernetes object, a sentence each; none when it is right. Its schema is found by apiVersion and
 * kind; one that no package knows is a problem, since nobody would notice that it is not checked.
 *
 * Beside the schema it finds keys that the schema does not have (an API server drops them in silence), a name that is
 * missing, and labels that an API server refuses.
 */
export async function validateObject(object: unknown): Promise<readonly string[]> {
  if (!isRecord(object)) return ["no object: an empty document, or a list"];
  const { apiVersion, kind, metadata } = object;
  if (typeof apiVersion !== "string" || typeof kind !== "string")
    return ["no apiVersion or no kind"];
  const name = isRecord(metadata) && typeof metadata["name"] === "string" ? metadata["name"] : "";
  const title = `${kind} ${name}`.trim();
  const model = await findModel(apiVersion, kind);
  if (model === null) return [`${title}: no schema is known for ${apiVersion} ${kind}`];
  const { watched, unread } = watchReads(object);
  const failures = failuresOf(model, watched);
  // Where the shape is wrong, the rest was not read.
  const unknown = (failures.length > 0 ? [] : unread())
    .filter((path) => newer[`${apiVersion} ${kind}`]?.test(path) !== true)
    .map((path) => `${path} is no key of ${apiVersion} ${kind}`);
  const problems = [...failures, ...unknown, ...metadataProblems(name, metadata)];
  return problems.map((problem) => `${title}: ${problem}`);
}

async function findModel(apiVersion: string, kind: string): Promise<Model | null> {
  if (!/^[a-z0-9./-]+$/.test(apiVersion) || !/^[A-Za-z0-9]+$/.test(kind)) return null;
  for (const name of packages) {
    const file = join(modules, name, apiVersion, `${kind}.js`);
    if (!existsSync(file)) continue;
    const module = (await import(pathToFileURL(file).href)) as Record<string, Model | undefined>;
    return module[kind] ?? null;
  }
  return null;
}

function failuresOf(model: Model, object: object): string[] {
  try {
    model.prototype.validate.call(object);
    return [];
  } catch (error) {
    if (!(error instanceof Error && "errors" in error)) throw error;
    const failures = (error.errors as readonly Failure[]).map(({ instancePath, message }) =>
      `${instancePath.slice(1).replaceAll("/", ".")} ${message ?? "is not valid"}`.trim(),
    );
    return [...new Set(failures)];
  }
}

const label = /^(?:[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

function metadataProblems(name: string, metadata: unknown): string[] {
  const { labels } = isRecord(metadata) ? metadata : {};
  const wrong = Object.entries(isRecord(labels) ? labels : {}).filter(
    ([, value]) => typeof value !== "string" || !label.test(value),
  );
  return [
    ...(name === "" ? ["metadata.name is missing"] : []),
    ...wrong.map(([key, value]) => `metadata.labels: ${key} may not be ${JSON.stringify(value)}`),
  ];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
