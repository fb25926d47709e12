import type { Finding, PathPart } from "./policy-document.ts";
import { findingsOf } from "./policy-problems.ts";
import { policySchema, type WrittenPolicy } from "./policy-schema.ts";

/** A part of the written policy, any of which may be missing; whatever is there fits the schema. */
export type Readable<T> = T extends readonly (infer Item)[]
  ? readonly Readable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Readable<T[Key]> | undefined }
    : T;

export type ReadPolicy = {
  /** What the schema found. */
  readonly findings: readonly Finding[];
  /** The whole policy; null where the schema found anything. */
  readonly whole: WrittenPolicy | null;
  /**
   * What fits, so that the rules judge it beside what the schema found. A key whose value does not fit is there with
   * `undefined`; an entry of a list that does not fit is not there.
   */
  readonly readable: Readable<WrittenPolicy>;
  /** The path in the file of a path in `readable`, whose lists may be shorter. */
  readonly inFile: (path: readonly PathPart[]) => readonly PathPart[];
};

/** Applies the schema, and leaves out exactly what does not fit it. */
export function readPolicy(value: unknown): ReadPolicy {
  const result = policySchema.safeParse(value, { reportInput: true });
  if (result.success) {
    return { findings: [], whole: result.data, readable: result.data, inFile: (path) => path };
  }
  const findings = findingsOf(result.error.issues);
  const tree = grow(value);
  for (const { path } of findings) remove(tree, path);
  return {
    findings,
    whole: null,
    readable: tree.kind === "map" ? (shapeOf(tree) as Readable<WrittenPolicy>) : {},
    inFile: (path) => translate(tree, path),
  };
}

/** A mutable copy whose list entries keep the index that they have in the file. */
type Tree =
  | { readonly kind: "map" | "list"; readonly items: Map<PathPart, Tree> }
  | { readonly kind: "scalar"; readonly value: unknown };

function grow(value: unknown): Tree {
  if (Array.isArray(value)) {
    return { kind: "list", items: new Map(value.map((item, index) => [index, grow(item)])) };
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [key, grow(item)] as const);
    return { kind: "map", items: new Map(entries) };
  }
  return { kind: "scalar", value };
}

function shapeOf(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return [...tree.items.values()].map(shapeOf);
  return Object.fromEntries([...tree.items].map(([key, item]) => [key, shapeOf(item)]));
}

function remove(tree: Tree, path: readonly PathPart[]): void {
  let at: Tree | undefined = tree;
  for (const part of path.slice(0, -1))
    at = at?.kind === "scalar" ? undefined : at?.items.get(part);
  const last = path.at(-1);
  if (last === undefined || at === undefined || at.kind === "scalar") return;
  if (at.kind === "list") at.items.delete(last);
  else if (at.items.has(last)) at.items.set(last, { kind: "scalar", value: undefined });
}

function translate(tree: Tree, path: readonly PathPart[]): readonly PathPart[] {
  let at: Tree | undefined = tree;
  return path.map((part) => {
    if (at === undefined || at.kind === "scalar") return part;
    const inFile = at.kind === "list" ? ([...at.items.keys()][Number(part)] ?? part) : part;
    at = at.items.get(inFile);
    return inFile;
  });
}
