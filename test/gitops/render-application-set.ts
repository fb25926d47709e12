import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { parse } from "yaml";

import { renderTexts } from "./render-template.ts";
import { root } from "./tree.ts";
import type { TreeObject } from "./tree.ts";

/** The files that a git generator finds: with the new globbing, `*` stays within one folder. */
export function generatedFrom(set: TreeObject): readonly string[] {
  const [generator] = set.spec.generators as readonly {
    git: { files: readonly { path: string }[] };
  }[];
  const patterns = generator?.git.files.map(({ path }) => path) ?? [];
  return patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
}

/** The application that an ApplicationSet makes of one file, as its controller does: every text, then the patch. */
export async function renderApplication(
  helm: string,
  set: TreeObject,
  file: string,
): Promise<TreeObject> {
  const template = set.spec.template as object;
  const texts = { ...textsOf(template), [patch]: String(set.spec.templatePatch) };
  const rendered = await renderTexts(helm, texts, parametersOf(file));
  const application = replaceTexts(template, rendered) as TreeObject;
  const change: unknown = parse(rendered[patch] ?? "");
  return merge(application, change ?? {}) as TreeObject;
}

const patch = "templatePatch";

/** What the git generator gives a Go template: the file's own keys, and where it was found. */
function parametersOf(file: string): Readonly<Record<string, unknown>> {
  const folder = dirname(file);
  const content = parse(readFileSync(join(root, file), "utf8")) as Record<string, unknown>;
  const path = {
    path: folder,
    basename: basename(folder),
    filename: basename(file),
    segments: folder.split("/"),
  };
  return { ...content, path };
}

/** Every text of an object by its path. */
function textsOf(value: unknown, at = ""): Record<string, string> {
  if (typeof value === "string") return { [at]: value };
  if (typeof value !== "object" || value === null) return {};
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, each]) => textsOf(each, `${at}/${key}`)),
  ) as Record<string, string>;
}

function replaceTexts(value: unknown, texts: Readonly<Record<string, string>>, at = ""): unknown {
  if (typeof value === "string") return texts[at];
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, each]) => [key, replaceTexts(each, texts, `${at}/${key}`)] as const,
  );
  return Array.isArray(value) ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}

/** A patch of maps alone, which is all that is written here: keys are put in, and nothing is taken away. */
function merge(value: unknown, change: unknown): unknown {
  if (!isMap(value) || !isMap(change)) return change;
  const entries = Object.entries(change).map(
    ([key, each]) => [key, key in value ? merge(value[key], each) : each] as const,
  );
  return { ...value, ...Object.fromEntries(entries) };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
