import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { CatFile } from "./git-run.ts";
import { git, openCatFile } from "./git-run.ts";

type CommitInfo = { author: string; date: string; message: string; tags: string[] };

/** What the simulator's repo-server asks of Git; one repository each. */
export type GitSource = {
  /** `noCache` fetches first. A full or short SHA is taken as it is, as Argo CD does. */
  resolve(revision: string, options: { noCache: boolean }): Promise<string>;
  readFile(sha: string, path: string): Promise<string | undefined>;
  listFiles(sha: string): Promise<string[]>;
  isAncestor(ancestor: string, descendant: string): Promise<boolean>;
  changedFiles(from: string, to: string): Promise<string[]>;
  commit(sha: string): Promise<CommitInfo>;
  close(): Promise<void>;
};

const REFSPECS = ["+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"];

export type GitCache = { now(): number; ttl(): number };

/** A local bare mirror of `url`, which may be anything that the `git` program can fetch from. */
export async function openGitSource(url: string, cache: GitCache): Promise<GitSource> {
  const directory = await mkdtemp(join(tmpdir(), "argocd-simulator-git-"));
  let refs = new Map<string, string>();
  const resolved = new Map<string, { sha: string; at: number }>();
  const files = new Map<string, string>();
  let head = "refs/heads/main";
  let catFile: CatFile | undefined;
  let running: Promise<void> | undefined;
  let queued: Promise<void> | undefined;

  await git(["init", "--bare", "--quiet", "."], directory);

  async function fetchNow(): Promise<void> {
    const listing = await git(["ls-remote", "--symref", url], directory);
    const seen = new Map<string, string>();
    for (const line of listing.split("\n")) {
      const [value = "", name = ""] = line.split("\t");
      if (name === "HEAD" && value.startsWith("ref: ")) head = value.slice("ref: ".length);
      // A tag object is followed by the commit that it points to.
      else if (name.startsWith("refs/")) seen.set(name.replace(/\^\{\}$/, ""), value);
    }
    const known = [...seen].every(([name, sha]) => refs.get(name) === sha);
    if (!known) {
      await git(["fetch", "--quiet", "--no-auto-gc", "--no-tags", url, ...REFSPECS], directory);
    }
    refs = seen;
    catFile ??= openCatFile(directory);
  }

  // A fetch under way may have read the refs before this request began: wait for the one after it.
  function fetchFresh(): Promise<void> {
    if (running === undefined) {
      running = fetchNow().finally(() => {
        running = undefined;
      });
      return running;
    }
    queued ??= running
      .catch(() => undefined)
      .then(() => {
        queued = undefined;
        return fetchFresh();
      });
    return queued;
  }

  function look(revision: string): string | undefined {
    const name = revision === "HEAD" || revision === "" ? head : revision;
    return refs.get(name) ?? refs.get(`refs/heads/${name}`) ?? refs.get(`refs/tags/${name}`);
  }

  return {
    async resolve(revision, { noCache }) {
      if (/^[0-9a-f]{7,40}$/.test(revision)) {
        if (catFile === undefined) await fetchFresh();
        return revision;
      }
      const known = resolved.get(revision);
      if (!noCache && known !== undefined && cache.now() - known.at < cache.ttl()) return known.sha;
      await fetchFresh();
      const sha = look(revision);
      if (sha === undefined) throw new Error(`unable to resolve '${revision}' to a commit SHA`);
      resolved.set(revision, { sha, at: cache.now() });
      return sha;
    },
    async readFile(sha, path) {
      const key = `${sha}:${path}`;
      const known = files.get(key);
      if (known !== undefined) return known;
      if (catFile === undefined) await fetchFresh();
      const bytes = await catFile!.read(key);
      if (bytes === undefined) return undefined;
      if (files.size > 20_000) files.clear();
      files.set(key, bytes.toString("utf8"));
      return files.get(key);
    },
    async listFiles(sha) {
      const out = await git(["ls-tree", "-r", "-z", "--name-only", sha], directory);
      return out.split("\0").filter((path) => path !== "");
    },
    async isAncestor(ancestor, descendant) {
      const base = await git(["merge-base", ancestor, descendant], directory).catch(() => "");
      return base.trim() === (await git(["rev-parse", ancestor], directory)).trim();
    },
    async changedFiles(from, to) {
      const out = await git(["diff", "--name-only", "-z", from, to], directory);
      return out.split("\0").filter((path) => path !== "");
    },
    async commit(sha) {
      const out = await git(["log", "-1", "--format=%an <%ae>%x00%cI%x00%B", sha, "--"], directory);
      const [author = "", date = "", message = ""] = out.split("\0");
      const tags = [...refs].filter(([name, at]) => at === sha && name.startsWith("refs/tags/"));
      return {
        author,
        date,
        message: message.trim(),
        tags: tags.map(([name]) => name.slice("refs/tags/".length)),
      };
    },
    async close() {
      catFile?.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
