import type { ObjectBatch, ObjectStore } from "./objects.ts";
import { parseTree, treeData } from "./tree-data.ts";
import type { TreeEntry } from "./tree-data.ts";

/** One change of a tree: `sha: null` deletes the path. */
export type TreeEdit = { path: string; mode: string; type: TreeEntry["type"]; sha: string | null };

export type FlatEntry = TreeEntry & { path: string };

type Node = { edits: Map<string, TreeEdit>; children: Map<string, Node> };

/**
 * Writes, with what else waits in `batch`, the tree that `edits` make of `base` (undefined: of nothing). Only folders on an edited path are read and written.
 * Deleting the last entry of a folder removes the folder; an edit replaces whatever stood at its path.
 */
export async function editTree(
  store: ObjectStore,
  base: string | undefined,
  edits: TreeEdit[],
  batch: ObjectBatch = store.batch(),
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
  const sha = (await writeNode(store, batch, base, root)) ?? batch.add("tree", treeData([]));
  await batch.store();
  return sha;
}

async function writeNode(
  store: ObjectStore,
  batch: ObjectBatch,
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
  const children = [...node.children].map(async ([name, child]) => {
    const old = entries.get(name);
    const below = old?.type === "tree" ? old.sha : undefined;
    return { name, old, sha: await writeNode(store, batch, below, child) };
  });
  for (const { name, old, sha } of await Promise.all(children)) {
    if (sha !== undefined) entries.set(name, { name, mode: "040000", type: "tree", sha });
    else if (old?.type === "tree") entries.delete(name);
  }
  return entries.size === 0 ? undefined : batch.add("tree", treeData([...entries.values()]));
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
  const parts = parseTree(data).map(async (entry): Promise<FlatEntry[]> => {
    const path = prefix + entry.name;
    const below =
      recursive && entry.type === "tree" ? await flattenTree(store, entry.sha, `${path}/`) : [];
    return [{ ...entry, path }, ...below];
  });
  return (await Promise.all(parts)).flat();
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
