import { createHmac, timingSafeEqual } from "node:crypto";

/** The secret that seals now, and during a rotation the one before it. */
export type SealSecret = { readonly current: string; readonly previous: string | null };

/**
 * Whoever may edit an issue may edit what Sluice wrote for itself into its last line. The seal below it, an HMAC-SHA256
 * over the place and that line, tells whether somebody did.
 */
export function withSeal(secret: SealSecret, place: string, text: string): string {
  return `${text}\n${opening}${sealOf(secret.current, place, text)}${closing}`;
}

/** The text without its seal, and whether its last line still is what was sealed for this place. */
export function readSeal(
  secret: SealSecret,
  place: string,
  sealed: string,
): { readonly text: string; readonly isSealed: boolean } {
  const lines = sealed.replaceAll("\r\n", "\n").trimEnd().split("\n");
  const last = lines.at(-1) ?? "";
  if (!last.startsWith(opening) || !last.endsWith(closing))
    return { text: sealed, isSealed: false };
  const text = lines.slice(0, -1).join("\n");
  const found = Buffer.from(last.slice(opening.length, -closing.length));
  const secrets = [secret.current, ...(secret.previous === null ? [] : [secret.previous])];
  const isSealed = secrets.some((one) => {
    const right = Buffer.from(sealOf(one, place, text));
    return right.length === found.length && timingSafeEqual(right, found);
  });
  return { text, isSealed };
}

/** The prefix keeps a seal apart from everything else that is signed with this secret. */
function sealOf(secret: string, place: string, text: string): string {
  const line = text.trimEnd().split("\n").at(-1)?.trim() ?? "";
  return createHmac("sha256", secret)
    .update(`sluice seal v1\n${place.toLowerCase()}\n${line}`)
    .digest("hex");
}

const opening = "<!-- sluice:seal ";
const closing = " -->";
