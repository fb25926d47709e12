import { createHash } from "node:crypto";

import { formatArtifact, type Artifact } from "./artifact.ts";
import type { SideKind } from "./side-kind.ts";
import type { Stream } from "./target.ts";

/** RFC 4648, in lower case. */
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * A promotion's id: the same artifact into the same stream of the same GitOps repository (`owner/name`) always has the
 * same one. 16 characters: the first 80 bits of base32(sha256(canonical JSON)).
 *
 * A promotion beside the stream's own one is another promotion: its kind counts, and the tenants where somebody named
 * them.
 */
export function promotionId(
  promotion: Stream & {
    readonly repository: string;
    readonly artifact: Artifact;
    readonly side?: { readonly kind: SideKind; readonly tenants: readonly string[] | null };
  },
): string {
  const { repository, environment, service, ring, artifact, side } = promotion;
  const place = [repository, environment, service, ring, formatArtifact(artifact)];
  const more = side === undefined ? [] : [side.kind, side.tenants?.toSorted() ?? null];
  const name = JSON.stringify([...place, ...more]);
  return shortHash(name);
}

/** 16 characters that any text has always and everywhere: the first 80 bits of its SHA-256. */
export function shortHash(text: string): string {
  return base32(createHash("sha256").update(text, "utf8").digest().subarray(0, 10));
}

export function isPromotionId(text: string): boolean {
  return /^[a-z2-7]{16}$/.test(text);
}

/** Five bits a character. */
function base32(bytes: Uint8Array): string {
  let text = "";
  let rest = 0;
  let bits = 0;
  for (const byte of bytes) {
    rest = (rest << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(rest >> bits) & 31];
    }
    rest &= (1 << bits) - 1;
  }
  return text;
}
