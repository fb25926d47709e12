import { createPrivateKey } from "node:crypto";
import { isIP } from "node:net";

import { parseDuration } from "#core/duration.ts";
import { didYouMean } from "#core/nearest.ts";

/** What a setting's text means, or why it means nothing: a sentence that follows the setting's name. */
export type Parsed<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "wrong"; readonly sentence: string };

export type Parser<T> = (text: string) => Parsed<T>;

function value<T>(value: T): Parsed<T> {
  return { kind: "value", value };
}

function wrong(sentence: string): Parsed<never> {
  return { kind: "wrong", sentence };
}

// No sentence repeats the text: it may be a secret that was put in the wrong place.

/** A whole number, bounds included. */
export function integer(least: number, most: number): Parser<number> {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return value(number);
    return wrong(`is not a whole number between ${least} and ${most}: write one`);
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[]): Parser<Word> {
  return (text) => {
    const word = words.find((each) => each === text.toLowerCase());
    if (word !== undefined) return value(word);
    return wrong(
      `is none of ${words.join(", ")}${didYouMean(text, words) || ": write one of them"}`,
    );
  };
}

/** At least 16 characters. */
export function secret(text: string): Parsed<string> {
  if (text === "development")
    return wrong(
      'is Probot\'s "development": make one of your own, as `openssl rand -hex 32` does',
    );
  if (text.length >= 16) return value(text);
  return wrong("is shorter than 16 characters: make one, as `openssl rand -hex 32` does");
}

/** Any text that fits into one header line. */
export function token(text: string): Parsed<string> {
  return /^[\u0021-\u007e]+$/.test(text)
    ? value(text)
    : wrong("holds blanks or characters that no token has: copy it again");
}

export function plainText(text: string): Parsed<string> {
  return value(text);
}

/** `user:password` or a bearer token. */
export function credential(text: string): Parsed<string> {
  return /^[\u0020-\u007e]+$/.test(text)
    ? value(text)
    : wrong("holds a line break or a control character: copy it again");
}

/** An address to listen on. */
export function host(text: string): Parsed<string> {
  const isName = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text);
  return isName || isIP(text) !== 0
    ? value(text)
    : wrong('is no host: write an address, as "0.0.0.0"');
}

/** An address that is called: http or https, without credentials, query or fragment, and without a slash at the end. */
export function webUrl(text: string): Parsed<string> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return wrong('is no address: write it as "https://host"');
  if (url.username !== "" || url.password !== "")
    return wrong("holds credentials: they have settings of their own");
  if (url.search !== "" || url.hash !== "")
    return wrong('holds "?" or "#": write the address alone');
  return value(text.replace(/\/+$/, ""));
}

/** The same, but with credentials before the host where there are any: `user:password@`, or `:token@`. */
export function credentialedUrl(text: string): Parsed<string> {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && url.username !== "" && url.password === "")
    return wrong('holds a user without a password: write "user:password@", or ":token@"');
  if (url !== null) {
    url.username = "";
    url.password = "";
  }
  const parsed = webUrl(url === null ? text : url.href);
  return parsed.kind === "wrong" ? parsed : value(text.replace(/\/+$/, ""));
}

/** A web address with `{tenant}`, `{environment}` and `{service}`. */
export function urlTemplate(text: string): Parsed<string> {
  const unknown = /\{(?!(?:tenant|environment|service)\})[^}]*\}?/.exec(text);
  if (unknown !== null)
    return wrong("holds an unknown placeholder: there are {tenant}, {environment} and {service}");
  const parsed = webUrl(text.replaceAll(/\{[a-z]+\}/g, "x"));
  return parsed.kind === "wrong" ? parsed : value(text);
}

/** The address of a store, by its schemes: `redis:`. */
export function storeUrl(...schemes: readonly string[]): Parser<string> {
  return (text) => {
    const isOne = URL.canParse(text) && schemes.includes(new URL(text).protocol);
    return isOne ? value(text) : wrong(`is no such address: write it as "${schemes[0]}//host/0"`);
  };
}

/** Milliseconds, bounds included. */
export function duration(least: string, most: string): Parser<number> {
  return (text) => {
    const ms = parseDuration(text) ?? -1;
    if (ms >= (parseDuration(least) ?? 0) && ms <= (parseDuration(most) ?? 0)) return value(ms);
    return wrong(`is no duration between ${least} and ${most}: write it as in "5m"`);
  };
}

/** Hosts with an optional port, separated by commas or blanks, lower case. */
export function hosts(text: string): Parsed<readonly string[]> {
  const all = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((each) => each !== "");
  const isHost = (each: string): boolean =>
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/.test(each);
  if (all.length > 0 && all.every(isHost)) return value([...new Set(all)]);
  return wrong(
    'is no list of hosts: write names without "https://", as in "ghcr.io, registry.example.com:5000"',
  );
}

/** An RSA key as PEM, also with `\n` instead of line breaks, or the whole of it in base64. */
export function privateKey(text: string): Parsed<string> {
  const unquoted = text.trim().replace(/^"(.*)"$/s, "$1");
  const decoded = unquoted.includes("-----BEGIN")
    ? unquoted
    : Buffer.from(unquoted, "base64").toString("utf8");
  const pem = decoded
    .replaceAll(String.raw`\n`, "\n")
    .replaceAll("\r\n", "\n")
    .trim();
  if (!pem.includes("-----BEGIN"))
    return wrong(
      'is neither PEM ("-----BEGIN RSA PRIVATE KEY-----") nor base64 of it: take the file that GitHub gave',
    );
  try {
    const { asymmetricKeyType } = createPrivateKey(pem);
    return asymmetricKeyType === "rsa"
      ? value(`${pem}\n`)
      : wrong("is no RSA key: take the file that GitHub gave");
  } catch {
    return wrong(
      "is no private key that can be read: take the whole file that GitHub gave, all lines of it",
    );
  }
}
