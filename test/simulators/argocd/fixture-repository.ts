import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { git } from "./git-run.ts";

export type FixtureRepository = {
  /** What the simulator is given: the path of a bare repository. */
  url: string;
  /** Commits the files on top of `main` (null deletes one); returns the SHA. */
  commit(files: Record<string, string | null>, message?: string): Promise<string>;
  close(): Promise<void>;
};

const IDENTITY = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com"];

/** A bare repository for the contract tests, written through Git's plumbing. */
export async function createFixtureRepository(): Promise<FixtureRepository> {
  const url = await mkdtemp(join(tmpdir(), "argocd-fixture-"));
  await git(["init", "--bare", "--quiet", "--initial-branch=main", "."], url);
  return {
    url,
    async commit(files, message = "change values") {
      const tree = new Map<string, string>();
      const head = (
        await git(["rev-parse", "--verify", "--quiet", "refs/heads/main"], url).catch(() => "")
      ).trim();
      if (head !== "") {
        const listing = await git(["ls-tree", "-r", "-z", head], url);
        for (const line of listing.split("\0").filter((item) => item !== "")) {
          const [meta = "", path = ""] = line.split("\t");
          tree.set(path, meta.split(" ")[2]!);
        }
      }
      for (const [path, content] of Object.entries(files)) {
        if (content === null) tree.delete(path);
        else tree.set(path, await hashObject(url, content));
      }
      const id = await writeTree(url, tree);
      const parents = head === "" ? [] : ["-p", head];
      const sha = (
        await git([...IDENTITY, "commit-tree", id, ...parents, "-m", message], url)
      ).trim();
      await git(["update-ref", "refs/heads/main", sha], url);
      return sha;
    },
    close: () => rm(url, { recursive: true, force: true }),
  };
}

async function hashObject(directory: string, content: string): Promise<string> {
  return (await git(["hash-object", "-w", "--stdin"], directory, content)).trim();
}

async function writeTree(directory: string, files: Map<string, string>): Promise<string> {
  const lines: string[] = [];
  const folders = new Map<string, Map<string, string>>();
  for (const [path, blob] of files) {
    const [first = "", ...rest] = path.split("/");
    if (rest.length === 0) {
      lines.push(`100644 blob ${blob}\t${first}`);
      continue;
    }
    const folder = folders.get(first) ?? new Map<string, string>();
    folder.set(rest.join("/"), blob);
    folders.set(first, folder);
  }
  for (const [name, folder] of folders) {
    lines.push(`040000 tree ${await writeTree(directory, folder)}\t${name}`);
  }
  return (await git(["mktree"], directory, `${lines.join("\n")}\n`)).trim();
}
