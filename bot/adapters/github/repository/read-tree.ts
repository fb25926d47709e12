import type { FileEntry } from "#ports/github-things.ts";

import { once, type RepositoryContext } from "./context.ts";

type Item = { path?: string; mode?: string; type?: string; sha?: string; size?: number };
type Tree = { items: readonly Item[]; truncated: boolean };

/** Every file of a commit. One request, unless GitHub cuts its answer (100,000 entries or 7 MB). */
export async function readTree(
  context: RepositoryContext,
  revision: string,
): Promise<ReadonlyMap<string, FileEntry>> {
  return once(context, `files ${revision}`, bytesOf, async () => {
    const files = new Map<string, FileEntry>();
    await collect(context, revision, "", files);
    return files;
  });
}

/** A cut tree is read level by level: each directory whole where that is possible. */
async function collect(
  context: RepositoryContext,
  sha: string,
  prefix: string,
  files: Map<string, FileEntry>,
): Promise<void> {
  const whole = await fetchTree(context, sha, true);
  if (!whole.truncated) {
    for (const item of whole.items) addFile(files, prefix, item);
    return;
  }
  const level = await fetchTree(context, sha, false);
  const directories: Promise<void>[] = [];
  for (const item of level.items) {
    if (item.type === "tree") {
      directories.push(collect(context, item.sha ?? "", `${prefix}${item.path ?? ""}/`, files));
    } else addFile(files, prefix, item);
  }
  await Promise.all(directories);
}

async function fetchTree(
  context: RepositoryContext,
  sha: string,
  recursive: boolean,
): Promise<Tree> {
  const { data } = await context.request("GET /repos/{owner}/{repo}/git/trees/{tree_sha}", {
    ...context.at,
    tree_sha: sha,
    ...(recursive ? { recursive: "1" } : {}),
    // Octokit looks for large integers in every value: on 7 MB that holds up everything else for a long moment.
    request: { parseSuccessResponseBody: false },
  });
  const body = data as unknown as ConstructorParameters<typeof Response>[0];
  const tree = (await new Response(body).json()) as { tree: readonly Item[]; truncated?: boolean };
  return { items: tree.tree, truncated: tree.truncated ?? false };
}

function addFile(files: Map<string, FileEntry>, prefix: string, item: Item): void {
  const { path, mode, type, sha } = item;
  if (path === undefined || mode === undefined || sha === undefined || type === "tree") return;
  const full = prefix + path;
  files.set(full, { path: full, sha, mode, size: item.size ?? 0 });
}

function bytesOf(files: ReadonlyMap<string, FileEntry>): number {
  let bytes = 0;
  for (const path of files.keys()) bytes += 200 + 2 * path.length;
  return bytes;
}
