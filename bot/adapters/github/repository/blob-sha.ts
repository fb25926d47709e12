import { createHash } from "node:crypto";

/** Git's name of a blob: SHA-1 over `blob <length>`, a zero byte and the bytes. */
export function blobSha(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.byteLength}\0`).update(bytes).digest("hex");
}
