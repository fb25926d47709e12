import { mayBeMisread } from "./values-yaml-string.ts";

/** How a scalar is written, and where: `flow` within `{}` or `[]`; `tagged` under an explicit `!!str`. */
export type ScalarStyle = {
  readonly quotes: "plain" | "single" | "double";
  readonly flow: boolean;
  readonly tagged: boolean;
};

/** What may stand plain in every context: no indicator, no space. Tags of images fit; a digest's colon is extra. */
const plainAnywhere = /^[A-Za-z0-9_][A-Za-z0-9_.+/@-]*$/;
const plainInBlock = /^[A-Za-z0-9_][A-Za-z0-9_.+/@:-]*[A-Za-z0-9_.+/@-]$/;
/** YAML 1.1 takes NEL, LS and PS as line ends and forbids the other control characters; U+FEFF is a BOM. */
const unprintable =
  /[^\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u;
const unprintables = new RegExp(unprintable, "gu");

/**
 * The text of a scalar that every reader takes as the string `value`, in the quotes that stand there where possible:
 * a plain scalar becomes double-quoted where a reader might misread it or could not read it at all.
 *
 * `value` must be well-formed Unicode.
 */
export function renderScalar(value: string, style: ScalarStyle): string {
  if (style.quotes === "single" && !unprintable.test(value)) {
    return `'${value.replaceAll("'", "''")}'`;
  }
  if (style.quotes === "plain") {
    const fits = plainAnywhere.test(value) || (!style.flow && plainInBlock.test(value));
    if (fits && (style.tagged || !mayBeMisread(value))) return value;
  }
  return JSON.stringify(value).replace(unprintables, escape);
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
