import { createHmac, timingSafeEqual } from "node:crypto";

import type { RotatingSecret } from "./edge-settings.ts";

/**
 * The digest that a header claims, or null when it cannot be a signature: 64 lower-case hex digits after the prefix
 * (`sha256=` at GitHub). SHA-1 and anything else is none.
 */
export function readSignature(header: unknown, grammar: RegExp): Buffer | null {
  const hex = typeof header === "string" ? grammar.exec(header)?.[1] : undefined;
  return hex === undefined ? null : Buffer.from(hex, "hex");
}

export const githubSignature = /^sha256=([0-9a-f]{64})$/;
/** Design §9 asks for the hex alone; the prefix that GitHub's senders write is understood too. */
export const registrySignature = /^(?:sha256=)?([0-9a-f]{64})$/;

/** HMAC-SHA256 over the raw bytes, in constant time, under the current secret or the one before it. */
export function isSigned(bytes: Buffer, claimed: Buffer, secret: RotatingSecret): boolean {
  if (timingSafeEqual(hmac(bytes, secret.current), claimed)) return true;
  return secret.previous !== null && timingSafeEqual(hmac(bytes, secret.previous), claimed);
}

/** Compares secrets of any length in constant time. */
export function sameSecret(given: string, expected: string): boolean {
  const key = "sluice: comparison only";
  return timingSafeEqual(hmac(Buffer.from(given), key), hmac(Buffer.from(expected), key));
}

function hmac(bytes: Buffer, secret: string): Buffer {
  return createHmac("sha256", secret).update(bytes).digest();
}
