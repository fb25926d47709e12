import { parseTree } from "./objects.ts";
import type { ObjectStore, TreeEntry } from "./objects.ts";

/** One change of a tree: `sha: null` deletes the path. */
export type TreeEdit = { path: string; mode: string; type: TreeEntry["type"]; sha: string | null };

export type FlatEntry = TreeEntry & { path: string };

type Node = { edits: Map<string, TreeEdit>; children: Map<string, Node> };

/**
 * Writes the tree that `edits` make of `base` (undefined: of nothing). Only folders on an edited path are read and written.
 * Deleting the last entry of a folder removes the folder; an edit replaces whatever stood at its path.
 */
export async function editTree(
  store: ObjectStore,
  base: string | undefined,
  edits: TreeEdit[],
): Promise<string> {
  const root: Node = { edits: new Map(), children: new Map() };
  for (const edit of edits) {
    const parts = edit.path.split("/");
    const name = parts.pop() ?? "";
    let node = root;
    for (const part of parts) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { edits: new Map(), children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.edits.set(name, edit);
  }
  return (await writeNode(store, base, root)) ?? store.writeTree([]);
}

async function writeNode(
  store: ObjectStore,
  base: string | undefined,
  node: Node,
): Promise<string | undefined> {
  const data = base === undefined ? undefined : await store.readAs(base, "tree");
  const entries = new Map(
    (data === undefined ? [] : parseTree(data)).map((entry) => [entry.name, entry]),
  );
  for (const [name, edit] of node.edits) {
    if (edit.sha === null) entries.delete(name);
    else entries.set(name, { name, mode: edit.mode, type: edit.type, sha: edit.sha });
  }
  for (const [name, child] of node.children) {
    const old = entries.get(name);
    const sha = await writeNode(store, old?.type === "tree" ? old.sha : undefined, child);
    if (sha === undefined) {
      if (old?.type === "tree") entries.delete(name);
    } else entries.set(name, { name, mode: "040000", type: "tree", sha });
  }
  return entries.size === 0 ? undefined : store.writeTree([...entries.values()]);
}

/** Every entry below a tree, depth first; folders themselves come before what is in them. */
export async function flattenTree(
  store: ObjectStore,
  tree: string,
  prefix = "",
  recursive = true,
): Promise<FlatEntry[]> {
  const data = await store.readAs(tree, "tree");
  if (data === undefined) return [];
  const flat: FlatEntry[] = [];
  for (const entry of parseTree(data)) {
    const path = prefix + entry.name;
    flat.push({ ...entry, path });
    if (recursive && entry.type === "tree") {
      flat.push(...(await flattenTree(store, entry.sha, `${path}/`)));
    }
  }
  return flat;
}

/** The entry at a path of a tree; the empty path is the tree itself. */
export async function entryAt(
  store: ObjectStore,
  tree: string,
  path: string,
): Promise<TreeEntry | undefined> {
  let entry: TreeEntry = { mode: "040000", type: "tree", sha: tree, name: "" };
  for (const part of path.split("/").filter((p) => p !== "")) {
    if (entry.type !== "tree") return undefined;
    const data = await store.readAs(entry.sha, "tree");
    const next: TreeEntry | undefined =
      data === undefined ? undefined : parseTree(data).find((e) => e.name === part);
    if (next === undefined) return undefined;
    entry = next;
  }
  return entry;
}
