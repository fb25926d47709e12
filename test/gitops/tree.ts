import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { parseAllDocuments } from "yaml";

/** The repository's own folder. */
export const root = resolve(import.meta.dirname, "../..");

/** An object of Kubernetes as a file of gitops/ holds it. */
export type TreeObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  // oxlint-disable-next-line typescript/no-explicit-any -- validateObject says what it looks like
  readonly spec?: any;
  readonly data?: Readonly<Record<string, string>>;
};

export type TreeFile = { readonly file: string; readonly objects: readonly TreeObject[] };

/** What is no object of Kubernetes: values, kustomize's own files, and the Kyverno CLI's. */
const others = [
  /^gitops\/tenants\//,
  /\/kustomization\.yaml$/,
  /^gitops\/policies\/test\/(?!.*resources)/,
  /\/values\.yaml$/,
  // Kustomize's configuration, and objects whose names Flux fills in.
  /\/name-reference\.yaml$/,
  /^gitops\/flux\/tenant\//,
];

/** Every document of every object file below a folder, in the order of their names. */
export function readObjects(folder = "gitops"): readonly TreeFile[] {
  return globSync(`${folder}/**/*.yaml`, { cwd: root })
    .filter((file) => !others.some((pattern) => pattern.test(file)))
    .sort()
    .map((file) => ({ file, objects: readDocuments(file) }));
}

/** All documents of a file; throws where one is no YAML as Kubernetes reads it. */
export function readDocuments(file: string): readonly TreeObject[] {
  const text = readFileSync(join(root, file), "utf8");
  const documents = parseAllDocuments(text, { version: "1.1", merge: true });
  if (!Array.isArray(documents)) return [];
  return documents.map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw new Error(`${file}: ${problem.message}`);
    return document.toJS() as TreeObject;
  });
}

/** The one object of a kind and name; throws where there is none, or another. */
export function theObject(kind: string, name: string, folder = "gitops"): TreeObject {
  const found = readObjects(folder)
    .flatMap(({ objects }) => objects)
    .filter((object) => object.kind === kind && object.metadata.name === name);
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} objects ${kind} ${name} in ${folder}, not one`);
  return found[0];
}
