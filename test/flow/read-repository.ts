import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { FileEntry } from "#ports/github-things.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

const run = promisify(execFile);

/** Commits of a bare repository, read with the `git` program: the part of a GitopsRepo that a rollout uses. */
export function readRepository(directory: string): GitopsRepo {
  const git = async (...args: string[]): Promise<Buffer> => {
    const options = { cwd: directory, encoding: "buffer" as const, maxBuffer: 64 * 1024 * 1024 };
    return (await run("git", args, options)).stdout;
  };
  const part: Pick<GitopsRepo, "name" | "contains" | "files" | "contents"> = {
    name: "acme/platform",
    async contains(ancestor, descendant) {
      try {
        await git("merge-base", "--is-ancestor", ancestor, descendant);
        return "yes";
      } catch (error) {
        return (error as { code?: number }).code === 1 ? "no" : "unknown";
      }
    },
    async files(revision) {
      const listing = (await git("ls-tree", "-r", "-l", "-z", revision)).toString("utf8");
      const entries = listing.split("\0").flatMap((line): [string, FileEntry][] => {
        const match = /^(\d+) blob (\S+) +(\d+)\t(.*)$/s.exec(line);
        if (match === null) return [];
        const [, mode = "", sha = "", size = "", path = ""] = match;
        return [[path, { path, sha, mode, size: Number(size) }]];
      });
      return new Map(entries);
    },
    async contents(_revision, entries) {
      const shas = [...new Set(entries.map(({ sha }) => sha))];
      const read = shas.map(async (sha) => [sha, await git("cat-file", "blob", sha)] as const);
      return new Map(await Promise.all(read));
    },
  };
  return part as GitopsRepo;
}
