import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

import { BatchProcess, git } from "./process.ts";

export type ObjectType = "blob" | "tree" | "commit" | "tag";
export type GitObject = { type: ObjectType; data: Buffer };
export type TreeEntry = {
  mode: string;
  type: "blob" | "tree" | "commit";
  sha: string;
  name: string;
};

const CACHE_BYTES = 128 * 1024 * 1024;
const MANY_BLOBS = 8;

/** Reads and writes the objects of one bare repository; objects never change, so reads are kept. */
export class ObjectStore {
  readonly #directory: string;
  readonly #cat: BatchProcess<GitObject | undefined>;
  readonly #mktree: BatchProcess<string>;
  readonly #check: BatchProcess<number | undefined>;
  readonly #cache = new Map<string, GitObject>();
  readonly #sizes = new Map<string, number>();
  #cacheBytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
    this.#cat = new BatchProcess(directory, ["cat-file", "--batch"], parseCatFile);
    this.#check = new BatchProcess(directory, ["cat-file", "--batch-check"], parseCheck);
    this.#mktree = new BatchProcess(directory, ["mktree", "--batch", "--missing", "-z"], parseLine);
  }

  /** The object of a full SHA, or undefined. */
  async read(sha: string): Promise<GitObject | undefined> {
    if (!/^[0-9a-f]{40}$/.test(sha)) return undefined;
    const kept = this.#cache.get(sha);
    if (kept !== undefined) return kept;
    const object = await this.#cat.ask(`${sha}\n`);
    if (object !== undefined) this.#keep(sha, object);
    return object;
  }

  /** Bytes of an object, without its content being read. */
  async size(sha: string): Promise<number | undefined> {
    const known = this.#sizes.get(sha) ?? this.#cache.get(sha)?.data.length;
    if (known !== undefined) return known;
    const size = await this.#check.ask(`${sha}\n`);
    if (size !== undefined) this.#sizes.set(sha, size);
    return size;
  }

  async readAs(sha: string, type: ObjectType): Promise<Buffer | undefined> {
    const object = await this.read(sha);
    return object?.type === type ? object.data : undefined;
  }

  /** Stores blobs as loose objects, byte for byte what `git hash-object -w` writes; a process for each would cost milliseconds a file. */
  async writeBlobs(contents: Buffer[]): Promise<string[]> {
    if (contents.length < MANY_BLOBS) {
      return Promise.all(contents.map((content) => this.#hashObject("blob", content)));
    }
    return contents.map((content) => this.#writeLoose(content));
  }

  async writeTree(entries: TreeEntry[]): Promise<string> {
    // mktree's -z also ends a batch entry with NUL; an empty tree is an empty batch line.
    const lines = entries.map((e) => `${e.mode} ${e.type} ${e.sha}\t${e.name}\0`).join("");
    return this.#mktree.ask(`${lines}\0`);
  }

  writeCommit(text: string): Promise<string> {
    return this.#hashObject("commit", Buffer.from(text, "utf8"));
  }

  writeTag(text: string): Promise<string> {
    return this.#hashObject("tag", Buffer.from(text, "utf8"));
  }

  close(): void {
    this.#cat.close();
    this.#check.close();
    this.#mktree.close();
  }

  async #hashObject(type: ObjectType, data: Buffer): Promise<string> {
    const args = ["hash-object", "-t", type, "-w", "--stdin"];
    return (await git(this.#directory, args, data)).trim();
  }

  #writeLoose(content: Buffer): string {
    const whole = Buffer.concat([Buffer.from(`blob ${content.length}\0`), content]);
    const sha = createHash("sha1").update(whole).digest("hex");
    const folder = join(this.#directory, "objects", sha.slice(0, 2));
    const file = join(folder, sha.slice(2));
    if (!existsSync(file)) {
      mkdirSync(folder, { recursive: true });
      const temporary = join(folder, `tmp_obj_${randomUUID()}`);
      writeFileSync(temporary, deflateSync(whole, { level: 1 }), { mode: 0o444 });
      renameSync(temporary, file);
    }
    return sha;
  }

  #keep(sha: string, object: GitObject): void {
    if (object.data.length > CACHE_BYTES / 8) return;
    this.#cache.set(sha, object);
    this.#cacheBytes += object.data.length;
    if (this.#cacheBytes <= CACHE_BYTES) return;
    for (const [old, { data }] of this.#cache) {
      this.#cache.delete(old);
      this.#cacheBytes -= data.length;
      if (this.#cacheBytes <= CACHE_BYTES / 2) break;
    }
  }
}

function parseCatFile(data: Buffer): { answer: GitObject | undefined; used: number } | undefined {
  const end = data.indexOf(0x0a);
  if (end < 0) return undefined;
  const [, type, size] = data.subarray(0, end).toString("utf8").split(" ");
  if (type === "missing" || type === "ambiguous") return { answer: undefined, used: end + 1 };
  const length = Number(size);
  if (data.length < end + 1 + length + 1) return undefined;
  const content = Buffer.from(data.subarray(end + 1, end + 1 + length));
  return {
    answer: { type: type as ObjectType, data: content },
    used: end + 1 + length + 1,
  };
}

function parseCheck(data: Buffer): { answer: number | undefined; used: number } | undefined {
  const line = parseLine(data);
  if (line === undefined) return undefined;
  const size = Number(line.answer.split(" ")[2]);
  return { answer: Number.isInteger(size) ? size : undefined, used: line.used };
}

function parseLine(data: Buffer): { answer: string; used: number } | undefined {
  const end = data.indexOf(0x0a);
  if (end < 0) return undefined;
  return { answer: data.subarray(0, end).toString("utf8"), used: end + 1 };
}

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
