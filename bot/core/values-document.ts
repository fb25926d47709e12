import { Composer, type CST, type Document, Lexer, type ParsedNode, Parser } from "yaml";

import { refuseValues, type ValuesRefusal } from "./values-refusal.ts";

/** The first document of a values file, which is the one that Helm reads. */
export type ValuesDocument = {
  /** Null where the document is empty. */
  readonly contents: ParsedNode | null;
};

/** 1 MiB: larger is no values file. */
export const maxValuesBytes = 1 << 20;
/** Nested collections: deeper is no values file, and parsers recurse. */
const maxDepth = 100;
/**
 * Lexical tokens, seven to a `key: value`, and lines: they bound how long a hostile file of 1 MiB can block, which is to
 * be below 200 ms (fault 56). Both parses of an edit and their comparison take 2.5 to 5 µs a token on a slow core, so
 * 100 to 200 ms; the first edit of a process, not compiled yet, up to twice that. There is no room for more.
 */
const maxTokens = 40_000;
const maxLines = 40_000;
/** All double-quoted text together: the library reads it character by character. */
const maxDoubleQuoted = 1 << 18;

/**
 * Characters that end a line, or may not stand, in YAML 1.1 but are ordinary to our parser: with them Helm reads
 * another document than we do.
 */
const readDifferently =
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  /\r(?!\n)|[\0-\x08\v\f\x0e-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]/;

const options = {
  version: "1.1",
  merge: true,
  uniqueKeys: false,
  keepSourceTokens: true,
} as const;

/** Parses the first document; size, characters, tokens and depth are checked before anything recurses. */
export function parseValues(file: string, text: string): ValuesDocument | ValuesRefusal {
  if (exceedsBytes(text)) return refuseValues("too-large", file, "", "over 1 MiB");
  const strange = readDifferently.exec(text);
  if (strange !== null || !text.isWellFormed()) {
    const place = strange === null ? "broken surrogates" : lineAt(text, strange.index);
    return refuseValues("not-yaml", file, "", `a control character or a bare CR, ${place}`);
  }
  if (countLines(text) > maxLines) return refuseValues("too-large", file, "", "over 40,000 lines");

  const tokens = firstDocument(file, text);
  if ("reason" in tokens) return tokens;
  const document = compose(tokens);
  if (document instanceof FirstError) {
    return refuseValues("not-yaml", file, "", `${document.message}, ${lineAt(text, document.at)}`);
  }
  return { contents: document.contents };
}

type FirstDocument = { readonly tokens: CST.Token[]; readonly end: number };

/** The first thing that makes a document invalid: the library's code in words, and where. */
class FirstError extends Error {
  readonly at: number;

  constructor(code: string, at: number) {
    super(code.toLowerCase().replaceAll("_", " "));
    this.at = at;
  }
}

/**
 * Ends at the first error: the library goes on and describes each of them, which for 20,000 takes longer than all the
 * rest. Its handler is no public interface; should it move, the errors are still found in the document.
 */
function compose({ tokens, end }: FirstDocument): Document.Parsed | FirstError {
  let first: FirstError | undefined;
  const composer = new Composer(options);
  Object.assign(composer, {
    onError(source: unknown, code: string, _message: string, warning?: boolean) {
      if (warning === true) return;
      // The library catches what is thrown within a collection, and hands it in here again.
      first ??= new FirstError(code, offsetOf(source));
      throw first;
    },
  });
  try {
    const [document] = composer.compose(tokens, true, end);
    if (document === undefined) return new FirstError("no document", 0);
    const error = document.errors[0];
    return error === undefined ? document : new FirstError(error.code, error.pos[0]);
  } catch (error) {
    if (error === first && first !== undefined) return first;
    throw error;
  }
}

function offsetOf(source: unknown): number {
  if (typeof source === "number") return source;
  if (Array.isArray(source)) return Number(source[0]);
  return (source as { offset: number }).offset;
}

/**
 * Runs lexer and parser, neither of which recurses into the document, up to the marker that ends the first document.
 * The parser's own stack is the depth.
 */
function firstDocument(file: string, text: string): FirstDocument | ValuesRefusal {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  let doubleQuoted = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++count > maxTokens)
      return refuseValues("too-large", file, "", "over 40,000 tokens, some 5,000 keys");
    if (lexeme.startsWith('"')) doubleQuoted += lexeme.length;
    if (doubleQuoted > maxDoubleQuoted) {
      return refuseValues("too-large", file, "", "over 256 KiB of double-quoted text");
    }
    const start = parser.offset;
    for (const token of parser.next(lexeme)) {
      if (token.type === "error") {
        return refuseValues("not-yaml", file, "", lineAt(text, token.offset));
      }
      tokens.push(token);
      if (token.type !== "document") continue;
      if (lexeme === "---" || lexeme === "...") return { tokens, end: start };
      return refuseValues("not-yaml", file, "", lineAt(text, start));
    }
    if (parser.stack.length > maxDepth && depth(parser.stack) > maxDepth) {
      return refuseValues("too-deep", file, "", lineAt(text, parser.offset));
    }
  }
  for (const token of parser.end()) {
    if (token.type === "error") return refuseValues("not-yaml", file, "", "at its end");
    tokens.push(token);
    if (token.type === "document") break;
  }
  return { tokens, end: text.length };
}

function depth(stack: readonly CST.Token[]): number {
  return stack.filter(({ type }) => /^(?:block-map|block-seq|flow-collection)$/.test(type)).length;
}

function exceedsBytes(text: string): boolean {
  if (text.length > maxValuesBytes) return true;
  return text.length * 3 > maxValuesBytes && new TextEncoder().encode(text).length > maxValuesBytes;
}

function countLines(text: string): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

function lineAt(text: string, offset: number): string {
  return `line ${countLines(text.slice(0, offset))}`;
}
