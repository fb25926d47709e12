const mark = "[redacted]";

/**
 * What is a secret by its look, wherever it stands. Texts are JSON lines as often as sentences, so no pattern may eat a
 * quotation mark.
 */
const shapes: readonly (readonly [RegExp, string])[] = [
  // PEM keys, also cut off and with their line breaks escaped.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^"]*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?=")|$)/g, mark],
  // GitHub's tokens: ghp_, gho_, ghu_, ghr_, and ghs_ in the old form and as ghs_<app>_<JWT>.
  [/\bgh[opusr]_[A-Za-z0-9_.-]{10,}/g, mark],
  [/\bgithub_pat_[A-Za-z0-9_]{10,}/g, mark],
  [/\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]*)?/g, mark],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9+/=_.~-]{6,}/gi, `$1 ${mark}`],
  // User and password of a URL.
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s"/?#]*@/gi, `$1${mark}@`],
  [/\b(sha256|sha1)=[0-9a-f]{40,64}\b/g, `$1=${mark}`],
  // Members of JSON whose name says it.
  [
    /("(?:[\w-]*(?:password|secret|token|private_?key|authorization|cookie|api_?key|signature-256))"\s*:\s*)"(?:[^"\\]|\\.)*"/gi,
    `$1"${mark}"`,
  ],
];

/** Longer than the armour lines of a key, `-----BEGIN RSA PRIVATE KEY-----`. */
const longLine = 40;

/** Shorter values would also be found in ordinary words. */
const shortest = 6;

/**
 * A function that takes secrets out of any text: the values given, in every spelling in which they travel (plain, in
 * JSON, in a URL, base64), and whatever has the shape of a secret.
 */
export function createRedact(secrets: readonly string[]): (text: string) => string {
  const spellings = [...new Set(secrets.flatMap(spell))]
    .filter((text) => text.length >= shortest)
    .sort((one, other) => other.length - one.length);
  const values =
    spellings.length === 0
      ? null
      : new RegExp(spellings.map((text) => RegExp.escape(text)).join("|"), "g");
  return (text) => {
    const known = values === null ? text : text.replace(values, mark);
    return shapes.reduce((rest, [shape, by]) => rest.replace(shape, by), known);
  };
}

function spell(secret: string): readonly string[] {
  const trimmed = secret.trim();
  // Of a key, a part is enough to be careful: errors quote lines.
  const lines = trimmed.split(/\r?\n|\\n/).filter((line) => line.length >= longLine);
  return [
    trimmed,
    ...lines,
    JSON.stringify(trimmed).slice(1, -1),
    // Values from the environment hold their line breaks as backslash and n.
    trimmed.replaceAll("\\n", "\n"),
    encodeURIComponent(trimmed),
    Buffer.from(trimmed).toString("base64"),
  ];
}
