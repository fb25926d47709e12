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
  const options = ["-r", "-M", "--no-ext-diff", "--no-textconv", "--full-index"];
  const forms = ["--raw", "--numstat", "-p", "-z"];
  const text = await git(directory, ["diff-tree", ...options, ...forms, from ?? EMPTY_TREE, to]);
  const { files, counts, patches } = splitForms(text);
  return files.map((file, index) => {
    const count = counts[index];
    const patch = patches[index];
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

/** git writes the three forms one after the other: the raw list, the numbers, then, after an empty part, the patch. */
function splitForms(text: string): {
  files: Raw[];
  counts: { additions: number; deletions: number; binary: boolean }[];
  patches: string[];
} {
  const start = text.search(/(?:^|\0)diff --git /u);
  const patch = start < 0 ? "" : text.slice(start).replace("\0", "");
  const parts = (start < 0 ? text : text.slice(0, start)).split("\0");
  const files: Raw[] = [];
  let at = 0;
  while (parts[at]?.startsWith(":") === true) {
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
  return { files, counts: parseNumbers(parts.slice(at)), patches: splitPatches(patch) };
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

function parseNumbers(
  parts: string[],
): { additions: number; deletions: number; binary: boolean }[] {
  const counts: { additions: number; deletions: number; binary: boolean }[] = [];
  for (let at = 0; at < parts.length;) {
    const [added = "", removed, path] = (parts[at] ?? "").split("\t");
    if (removed === undefined) break;
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
