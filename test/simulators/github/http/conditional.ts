import { createHash } from "node:crypto";

/** GitHub's entity tags of JSON answers are weak. */
export function etagOf(data: Buffer): string {
  return `W/"${createHash("sha256").update(data).digest("hex")}"`;
}

export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//u, "");
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || opaque(tag) === opaque(etag));
}
