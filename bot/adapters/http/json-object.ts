/** A body that is fit to be stored, or what is wrong with it. */
export type JsonObject =
  | {
      readonly kind: "object";
      readonly text: string;
      readonly value: Readonly<Record<string, unknown>>;
    }
  | Refused;

type Refused = { readonly kind: "refused"; readonly sentence: string };

/** GitHub's own payloads nest about ten deep. */
const maxDepth = 100;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads one JSON object strictly: UTF-8 without byte order mark, no key twice (readers differ on which one counts), and
 * nested no deeper than a hundred levels, so that nothing behind it can be made to overflow.
 */
export function readJsonObject(bytes: Buffer): JsonObject {
  const decoded = decode(bytes);
  if (decoded.kind === "refused") return decoded;
  const shape = measure(bytes);
  if (shape.depth > maxDepth) return tooDeep();
  const parsed = parse(decoded.text);
  if (parsed.kind === "object" && countKeys(parsed.value) !== shape.keys) {
    return refused("An object in the body has the same key twice; send every key once.");
  }
  return parsed;
}

/**
 * The same but for keys that stand there twice: for what nobody reads but Sluice itself. Finding them costs more than
 * all the rest.
 */
export function readOwnJsonObject(bytes: Buffer): JsonObject {
  const decoded = decode(bytes);
  if (decoded.kind === "refused") return decoded;
  const parsed = parse(decoded.text);
  return parsed.kind === "object" && !fits(parsed.value, maxDepth) ? tooDeep() : parsed;
}

function decode(bytes: Buffer): { kind: "text"; text: string } | Refused {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refused("The body is not valid UTF-8; send JSON in UTF-8.");
  }
  if (text.startsWith("\uFEFF"))
    return refused("The body starts with a byte order mark; leave it out.");
  return { kind: "text", text };
}

function parse(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused("The body is not valid JSON; send one JSON object.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refused("The body is JSON but not an object; send one JSON object.");
  }
  return { kind: "object", text, value: value as Record<string, unknown> };
}

function tooDeep(): Refused {
  return refused(`The body is nested more than ${maxDepth} levels deep; send a flatter one.`);
}

function refused(sentence: string): Refused {
  return { kind: "refused", sentence };
}

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;

/** How deep the text nests and how many keys are written in it: brackets and colons outside strings. */
function measure(bytes: Buffer): { depth: number; keys: number } {
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at);
    else if (byte === colon) keys += 1;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return { depth: deepest, keys };
}

/** Index of the quote that ends the string which begins at `start`; the end of the text where none does. */
function endOfString(bytes: Buffer, start: number): number {
  let end = bytes.indexOf(quote, start + 1);
  while (end !== -1) {
    let slashes = 0;
    while (bytes[end - 1 - slashes] === backslash) slashes += 1;
    if (slashes % 2 === 0) return end;
    end = bytes.indexOf(quote, end + 1);
  }
  return bytes.length;
}

/** Keys of all objects in a parsed value. */
function countKeys(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  if (Array.isArray(value)) {
    let keys = 0;
    for (const item of value) keys += countKeys(item);
    return keys;
  }
  let keys = 0;
  for (const key in value) keys += 1 + countKeys((value as Record<string, unknown>)[key]);
  return keys;
}

/** Does a parsed value nest no deeper than so many levels? */
function fits(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!fits(item, levels - 1)) return false;
    return true;
  }
  for (const key in value) {
    if (!fits((value as Record<string, unknown>)[key], levels - 1)) return false;
  }
  return true;
}
