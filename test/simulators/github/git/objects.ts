import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { looseObject, packOf, shaOf } from "./pack.ts";
import type { NewObject } from "./pack.ts";
import { BatchProcess, git } from "./process.ts";

export type ObjectType = "blob" | "tree" | "commit" | "tag";
export type GitObject = { type: ObjectType; data: Buffer };

const CACHE_BYTES = 128 * 1024 * 1024;

/** From here on one pack costs less than a file for each object. */
const MANY = 6;

/** Objects that are made together and stored together: `add` names them, `store` writes them. */
export type ObjectBatch = {
  add: (type: ObjectType, data: Buffer) => string;
  store: () => Promise<void>;
};

/** Reads and writes the objects of one bare repository; objects never change, so reads are kept. */
export class ObjectStore {
  readonly #directory: string;
  readonly #cat: BatchProcess<GitObject | undefined>;
  readonly #check: BatchProcess<number | undefined>;
  readonly #cache = new Map<string, GitObject>();
  readonly #sizes = new Map<string, number>();
  #cacheBytes = 0;

  constructor(directory: string) {
    this.#directory = directory;
    this.#cat = new BatchProcess(directory, ["cat-file", "--batch"], parseCatFile);
    this.#check = new BatchProcess(directory, ["cat-file", "--batch-check"], parseCheck);
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

  async readAs(sha: string, type: ObjectType): Promise<Buffer | undefined> {
    const object = await this.read(sha);
    return object?.type === type ? object.data : undefined;
  }

  /** Bytes of an object, without its content being read. */
  async size(sha: string): Promise<number | undefined> {
    const known = this.#sizes.get(sha) ?? this.#cache.get(sha)?.data.length;
    if (known !== undefined) return known;
    const size = await this.#check.ask(`${sha}\n`);
    if (size !== undefined) this.#sizes.set(sha, size);
    return size;
  }

  batch(): ObjectBatch {
    const fresh = new Map<string, NewObject>();
    return {
      add: (type, data) => {
        const sha = shaOf(type, data);
        if (!this.#cache.has(sha)) fresh.set(sha, { sha, type, data });
        return sha;
      },
      store: () => this.#store([...fresh.values()]),
    };
  }

  async write(type: ObjectType, data: Buffer): Promise<string> {
    const batch = this.batch();
    const sha = batch.add(type, data);
    await batch.store();
    return sha;
  }

  close(): void {
    this.#cat.close();
    this.#check.close();
  }

  async #store(objects: NewObject[]): Promise<void> {
    if (objects.length >= MANY) {
      await git(this.#directory, ["index-pack", "--stdin"], packOf(objects));
    } else objects.forEach((object) => this.#writeLoose(object));
    for (const { sha, type, data } of objects) this.#keep(sha, { type, data });
  }

  #writeLoose(object: NewObject): void {
    const folder = join(this.#directory, "objects", object.sha.slice(0, 2));
    const file = join(folder, object.sha.slice(2));
    if (existsSync(file)) return;
    mkdirSync(folder, { recursive: true });
    const temporary = join(folder, `tmp_obj_${randomUUID()}`);
    writeFileSync(temporary, looseObject(object), { mode: 0o444 });
    renameSync(temporary, file);
  }

  #keep(sha: string, object: GitObject): void {
    if (object.data.length > CACHE_BYTES / 8 || this.#cache.has(sha)) return;
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
  const end = data.indexOf(0x0a);
  if (end < 0) return undefined;
  const size = Number(data.subarray(0, end).toString("utf8").split(" ")[2]);
  return { answer: Number.isInteger(size) ? size : undefined, used: end + 1 };
}
