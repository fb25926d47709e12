import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";

import type { ObjectType } from "./objects.ts";

export type NewObject = { sha: string; type: ObjectType; data: Buffer };

const TYPES: Record<ObjectType, number> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** The SHA that git gives an object. */
export function shaOf(type: ObjectType, data: Buffer): string {
  return createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest("hex");
}

/** The bytes of a loose object, as `git hash-object -w` would write them. */
export function looseObject({ type, data }: NewObject): Buffer {
  const whole = Buffer.concat([Buffer.from(`${type} ${data.length}\0`), data]);
  return deflateSync(whole, { level: 1 });
}

/** A pack of whole objects, for `git index-pack --stdin`. */
export function packOf(objects: NewObject[]): Buffer {
  const header = Buffer.alloc(12);
  header.write("PACK", "latin1");
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const parts: Buffer[] = [header];
  for (const { type, data } of objects) {
    parts.push(sizeHeader(TYPES[type], data.length), deflateSync(data, { level: 1 }));
  }
  const body = Buffer.concat(parts);
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

/** Type and size: four bits of the size in the first byte, seven in each further one. */
function sizeHeader(type: number, size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  let byte = (type << 4) | (size & 15);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest & 127;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}
