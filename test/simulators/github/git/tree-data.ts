export type TreeEntry = {
  /** Six digits. */
  mode: string;
  type: "blob" | "tree" | "commit";
  sha: string;
  name: string;
};

/** The entries of a tree object, in git's order. */
export function parseTree(data: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < data.length) {
    const space = data.indexOf(0x20, at);
    const nul = data.indexOf(0, space);
    const mode = data.subarray(at, space).toString("latin1").padStart(6, "0");
    const type = mode === "040000" ? "tree" : mode === "160000" ? "commit" : "blob";
    const name = data.subarray(space + 1, nul).toString("utf8");
    entries.push({ mode, type, name, sha: data.subarray(nul + 1, nul + 21).toString("hex") });
    at = nul + 21;
  }
  return entries;
}

/** The bytes of a tree object; git sorts a folder as if its name ended in a slash. */
export function treeData(entries: TreeEntry[]): Buffer {
  const sorted = entries
    .map((entry) => ({ entry, key: Buffer.from(entry.name + (entry.type === "tree" ? "/" : "")) }))
    .toSorted((a, b) => Buffer.compare(a.key, b.key));
  return Buffer.concat(
    sorted.flatMap(({ entry }) => [
      Buffer.from(`${entry.mode.replace(/^0/u, "")} ${entry.name}\0`),
      Buffer.from(entry.sha, "hex"),
    ]),
  );
}
