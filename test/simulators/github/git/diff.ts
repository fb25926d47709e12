import { git } from "./process.ts";

export type FileDiff = {
  path: string;
  previousPath: string | undefined;
  status: "added" | "removed" | "modified" | "renamed" | "copied" | "changed" | "unchanged";
  sha: string;
  additions: number;
  deletions: number;
  binary: boolean;
  patch: string | undefined;
};

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** What changed from tree-ish `from` (undefined: from nothing) to `to`, renames found as GitHub finds them. */
export async function diffFiles(
  directory: string,
  from: string | undefined,
  to: string,
): Promise<FileDiff[]> {
  const base = from ?? EMPTY_TREE;
  const common = ["diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv", "--full-index"];
  const [raw, numbers, patches] = await Promise.all([
    git(directory, [...common, "--raw", "-z", base, to]),
    git(directory, [...common, "--numstat", "-z", base, to]),
    git(directory, [...common, "-p", base, to]),
  ]);
  const files = parseRaw(raw);
  const counts = parseNumbers(numbers);
  const texts = splitPatches(patches);
  return files.map((file, index) => {
    const count = counts[index];
    const patch = texts[index];
    return {
      ...file,
      additions: count?.additions ?? 0,
      deletions: count?.deletions ?? 0,
      binary: count?.binary ?? false,
      patch: patch === "" ? undefined : patch,
    };
  });
}

/** The diff as text, as the `diff` media type and `.diff` pages give it. */
export function diffText(directory: string, from: string | undefined, to: string): Promise<string> {
  return git(directory, ["diff-tree", "-r", "-M", "-p", "--no-ext-diff", from ?? EMPTY_TREE, to]);
}

type Raw = Pick<FileDiff, "path" | "previousPath" | "status" | "sha">;

function parseRaw(text: string): Raw[] {
  const parts = text.split("\0");
  const files: Raw[] = [];
  for (let at = 0; at < parts.length - 1;) {
    const [, , before, after, letter = "M"] = (parts[at] ?? "").split(" ");
    const moved = letter.startsWith("R") || letter.startsWith("C");
    const first = parts[at + 1] ?? "";
    files.push({
      path: moved ? (parts[at + 2] ?? "") : first,
      previousPath: moved ? first : undefined,
      status: statusOf(letter),
      sha: (letter === "D" ? before : after) ?? "",
    });
    at += moved ? 3 : 2;
  }
  return files;
}

function statusOf(letter: string): FileDiff["status"] {
  const names: Record<string, FileDiff["status"]> = {
    A: "added",
    D: "removed",
    R: "renamed",
    C: "copied",
    T: "changed",
  };
  return names[letter.charAt(0)] ?? "modified";
}

function parseNumbers(text: string): { additions: number; deletions: number; binary: boolean }[] {
  const parts = text.split("\0");
  const counts: { additions: number; deletions: number; binary: boolean }[] = [];
  for (let at = 0; at < parts.length - 1;) {
    const [added = "", removed = "", path] = (parts[at] ?? "").split("\t");
    const binary = added === "-";
    counts.push({
      additions: binary ? 0 : Number(added),
      deletions: binary ? 0 : Number(removed),
      binary,
    });
    at += path === "" ? 3 : 1;
  }
  return counts;
}

/** The hunks of each file in order; a file without text hunks gives the empty string. */
function splitPatches(text: string): string[] {
  return text
    .split(/^diff --git /mu)
    .slice(1)
    .map((part) => {
      const hunk = part.search(/^@@ /mu);
      return hunk < 0 ? "" : part.slice(hunk).replace(/\n$/u, "");
    });
}
