import { execFile } from "node:child_process";

import { parseAllDocuments } from "yaml";

/** One object of Kubernetes, as Helm prints it. */
export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [key: string]: unknown;
};

export type Rendering = {
  readonly release: string;
  readonly namespace: string;
  /** Values files, the last one wins. */
  readonly values: readonly string[];
  /** Values on top of all files, nested as in a file; null takes a key away. */
  readonly set?: Readonly<Record<string, unknown>>;
};

/** What `helm template` makes of a chart. Throws with Helm's own words where it refuses. */
export async function renderChart(
  helm: string,
  chart: string,
  rendering: Rendering,
): Promise<KubernetesObject[]> {
  const text = await run(helm, "template", [rendering.release, chart], rendering);
  return readObjects(text);
}

/** Throws with Helm's own words where `helm lint --strict` finds anything. */
export async function lintChart(helm: string, chart: string, rendering: Rendering): Promise<void> {
  await run(helm, "lint", ["--strict", "--quiet", chart], rendering);
}

/** The only object of a kind, by its name where there are several; throws where there is none, or more than one. */
export function theObject<T>(
  objects: readonly KubernetesObject[],
  kind: string,
  name?: string,
): T & KubernetesObject {
  const found = objects.filter(
    (each) => each.kind === kind && (name === undefined || each.metadata.name === name),
  );
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} objects of kind ${kind} ${name ?? ""}, not one`);
  return found[0] as T & KubernetesObject;
}

function readObjects(text: string): KubernetesObject[] {
  // Kubernetes reads YAML 1.1, as Helm does.
  const documents = parseAllDocuments(text, { version: "1.1" });
  if (!Array.isArray(documents)) return [];
  const [broken] = documents.flatMap(({ errors }) => errors);
  if (broken !== undefined) throw broken;
  const objects = documents.map((document) => document.toJS() as KubernetesObject | null);
  return objects.filter((each) => each !== null);
}

function run(
  helm: string,
  verb: string,
  words: readonly string[],
  { namespace, values, set }: Rendering,
): Promise<string> {
  const files = [...values, ...(set === undefined ? [] : ["-"])].flatMap((file) => ["-f", file]);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    helm,
    [verb, ...words, "-n", namespace, ...files],
    { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 },
    (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`helm ${verb}: ${err.trim()}\n${out.trim()}`, { cause: error }));
    },
  );
  // Helm may be done before it has read everything; how it ended says whether that was right.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(set === undefined ? undefined : JSON.stringify(set));
  return promise;
}
