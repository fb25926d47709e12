import { appendFileSync, existsSync } from "node:fs";

import { readCommit, writeCommit } from "./commits.ts";
import type { Commit } from "./commits.ts";
import { diffFiles } from "./diff.ts";
import type { FileDiff } from "./diff.ts";
import { straightLine } from "./graph.ts";
import { mergeTrees } from "./merge.ts";
import type { MergeOutcome } from "./merge.ts";
import { ObjectStore } from "./objects.ts";
import type { ObjectBatch } from "./objects.ts";
import { git, gitBuffer, runGit } from "./process.ts";
import { RefStore } from "./refs.ts";
import { editTree, entryAt } from "./trees.ts";
import type { TreeEdit } from "./trees.ts";

const CACHED_ANSWERS = 5_000;

/** What a server of Git sets; nothing is packed or synced behind the simulator's back. */
const SETTINGS = `
[http]
	receivepack = true
[uploadpack]
	allowAnySHA1InWant = true
	allowFilter = true
[gc]
	auto = 0
[core]
	fsync = none
	logAllRefUpdates = false
`;

/** One bare repository on disk. Answers that depend on SHAs alone are kept, since they can never change. */
export class GitRepository {
  readonly directory: string;
  readonly objects: ObjectStore;
  readonly refs: RefStore;
  readonly #commits = new Map<string, Commit>();
  readonly #answers = new Map<string, unknown>();

  private constructor(directory: string, now: () => number) {
    this.directory = directory;
    this.objects = new ObjectStore(directory);
    this.refs = new RefStore(directory, now);
  }

  static async open(
    directory: string,
    defaultBranch: string,
    now: () => number,
  ): Promise<GitRepository> {
    if (!existsSync(`${directory}/HEAD`)) {
      const initial = `--initial-branch=${defaultBranch}`;
      await git(directory, ["init", "--quiet", "--bare", "--template=", initial, directory]);
      appendFileSync(`${directory}/config`, SETTINGS);
    }
    const repository = new GitRepository(directory, now);
    await repository.refs.reload();
    return repository;
  }

  close(): void {
    this.objects.close();
  }

  async commit(sha: string): Promise<Commit | undefined> {
    const kept = this.#commits.get(sha);
    if (kept !== undefined) return kept;
    const commit = await readCommit(this.objects, sha);
    if (commit !== undefined) this.#commits.set(sha, commit);
    return commit;
  }

  async commitOrFail(sha: string): Promise<Commit> {
    const commit = await this.commit(sha);
    if (commit === undefined) throw new Error(`commit ${sha} is not in ${this.directory}`);
    return commit;
  }

  createCommit(commit: Omit<Commit, "sha" | "signature">, verified: boolean): Promise<string> {
    return writeCommit(this.objects, commit, verified);
  }

  editTree(base: string | undefined, edits: TreeEdit[], batch?: ObjectBatch): Promise<string> {
    return editTree(this.objects, base, edits, batch);
  }

  /** The text of a file at a commit, or undefined. */
  async readFile(commit: string, path: string): Promise<Buffer | undefined> {
    const tree = (await this.commit(commit))?.tree;
    if (tree === undefined) return undefined;
    const entry = await entryAt(this.objects, tree, path);
    return entry?.type === "blob" ? this.objects.readAs(entry.sha, "blob") : undefined;
  }

  /** A branch, a tag, a full ref or a (short) SHA, as GitHub resolves the `ref` of a path. */
  async resolveCommit(name: string, asOf?: number): Promise<string | undefined> {
    for (const ref of [`refs/heads/${name}`, `refs/tags/${name}`, name, `refs/${name}`]) {
      const sha = ref.startsWith("refs/") ? this.refs.get(ref, asOf) : undefined;
      if (sha !== undefined) return this.#peel(sha);
    }
    if (/^[0-9a-f]{40}$/u.test(name)) {
      return (await this.commit(name)) === undefined ? undefined : name;
    }
    // GitHub refuses abbreviations that are shorter, or that fit more than one commit.
    if (!/^[0-9a-f]{4,39}$/u.test(name)) return undefined;
    const args = ["rev-parse", "--verify", "--quiet", `${name}^{commit}`];
    const result = await runGit(this.directory, args);
    return result.code === 0 ? result.stdout.toString("utf8").trim() : undefined;
  }

  mergeBase(a: string, b: string): Promise<string | undefined> {
    return this.#once(`merge-base ${a} ${b}`, async () => {
      if (await this.#line(a, b)) return a;
      if (await this.#line(b, a)) return b;
      const result = await runGit(this.directory, ["merge-base", a, b]);
      return result.code === 0 ? result.stdout.toString("utf8").trim() : undefined;
    });
  }

  async isAncestor(ancestor: string, descendant: string): Promise<boolean> {
    if (ancestor === descendant) return true;
    return this.#once(`is-ancestor ${ancestor} ${descendant}`, async () => {
      if (await this.#line(ancestor, descendant)) return true;
      const args = ["merge-base", "--is-ancestor", ancestor, descendant];
      return (await runGit(this.directory, args)).code === 0;
    });
  }

  /** Commits in `head` that are not in `base` (undefined: all of them), newest first. */
  commitsBetween(base: string | undefined, head: string): Promise<string[]> {
    return this.#once(`between ${base} ${head}`, async () => {
      const line = base === undefined ? undefined : await this.#line(base, head);
      if (line !== undefined) return line;
      const exclude = base === undefined ? [] : [`^${base}`];
      const text = await git(this.directory, ["rev-list", "--topo-order", head, ...exclude]);
      return text.split("\n").filter((line) => line !== "");
    });
  }

  /** Commits reachable from `head`, newest first, only those that touch `path` if given. */
  history(head: string, filters: string[], path?: string): Promise<string[]> {
    return this.#once(`history ${head} ${filters.join(" ")} ${path}`, async () => {
      const only = path === undefined ? [] : ["--", path];
      const text = await git(this.directory, ["rev-list", ...filters, head, ...only]);
      return text.split("\n").filter((line) => line !== "");
    });
  }

  /** What changed between two commits; commits of the same trees differ alike. */
  async diff(from: string | undefined, to: string): Promise<FileDiff[]> {
    const before = from === undefined ? undefined : (await this.commitOrFail(from)).tree;
    const after = (await this.commitOrFail(to)).tree;
    return this.#once(`diff ${before} ${after}`, () => diffFiles(this.directory, before, after));
  }

  merge(ours: string, theirs: string): Promise<MergeOutcome> {
    return this.#once(`merge ${ours} ${theirs}`, async () => {
      // Where one side has nothing new, the other side's tree is the merge.
      if (await this.#line(ours, theirs)) {
        return { clean: true, tree: (await this.commitOrFail(theirs)).tree };
      }
      return mergeTrees(this.directory, ours, theirs);
    });
  }

  archive(commit: string, format: "tar.gz" | "zip", prefix: string): Promise<Buffer> {
    const args = ["archive", `--format=${format}`, `--prefix=${prefix}/`, commit];
    return gitBuffer(this.directory, args);
  }

  #line(base: string, head: string): Promise<string[] | undefined> {
    return straightLine((sha) => this.commit(sha), base, head);
  }

  async #peel(sha: string): Promise<string | undefined> {
    const object = await this.objects.read(sha);
    if (object?.type !== "tag") return object?.type === "commit" ? sha : undefined;
    const target = /^object ([0-9a-f]{40})$/mu.exec(object.data.toString("utf8"))?.[1];
    return target === undefined ? undefined : this.#peel(target);
  }

  async #once<Answer>(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    if (this.#answers.has(key)) return this.#answers.get(key) as Answer;
    const answer = await ask();
    this.#answers.set(key, answer);
    if (this.#answers.size > CACHED_ANSWERS) {
      for (const old of [...this.#answers.keys()].slice(0, CACHED_ANSWERS / 2)) {
        this.#answers.delete(old);
      }
    }
    return answer;
  }
}
