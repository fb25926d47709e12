import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  Parser,
  type ParsedNode,
  type Scalar,
} from "yaml";

import { quoted } from "./nearest.ts";
import type { PolicyProblem } from "./policy.ts";

export type PathPart = string | number;

/** A problem at a place in the document, before it is known which line that is. */
export type Finding = { readonly path: readonly PathPart[]; readonly sentence: string };

/** The plain value of a policy file and where each part of it stands. */
export type PolicyDocument = {
  readonly value: unknown;
  readonly problems: readonly PolicyProblem[];
  /** Gives a finding its line: that of the part itself, else of the nearest part around it that is there. */
  readonly locate: (finding: Finding) => PolicyProblem;
};

/** Bytes, as threat T5 says. */
const maxPolicyBytes = 256 * 1024;
/** Far above what the schema can use (7) and far below what a stack can hold. */
const maxDepth = 32;
/** Values that a policy may hold once its aliases are written out: bounds the time that a hostile one can take. */
const maxValues = 20_000;
const maxAliases = 100;
/** Keys with a meaning of their own in JavaScript objects (threat T5). */
const unsafeKeys = new Set(["__proto__", "constructor", "prototype"]);

type Place = { readonly key: number | null; readonly value: number; readonly scalar: boolean };
type Report = (offset: number, sentence: string, path?: readonly PathPart[]) => void;

/** Reads the YAML of a policy; every problem is collected, and what can be read beside it is still read. */
export function readPolicyDocument(text: string): PolicyDocument {
  const positionOf = positionsIn(text);
  const places = new Map<string, Place>();
  const problems: PolicyProblem[] = [];
  const report: Report = (offset, sentence, path = []) => {
    problems.push({ ...positionOf(offset), path: showPath(path), sentence });
  };
  const value = read(text, places, report);
  return {
    value,
    problems,
    locate: ({ path, sentence }) => {
      const position = positionOf(offsetOf(places, path));
      return { ...position, path: showPath(path), sentence };
    },
  };
}

/** `environments[2].gates[0].soak` */
export function showPath(path: readonly PathPart[]): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      const key = quoted(part).slice(1, -1);
      return index === 0 ? key : `.${key}`;
    })
    .join("");
}

function read(text: string, places: Map<string, Place>, report: Report) {
  if (new TextEncoder().encode(text).length > maxPolicyBytes) {
    report(0, `the policy is larger than ${maxPolicyBytes / 1024} KiB: shorten it`);
    return undefined;
  }
  const tokens = tokensOf(text, report);
  if (tokens === null) return undefined;
  const composer = new Composer({ version: "1.2", merge: false, uniqueKeys: false, strict: true });
  const [document, second] = [...composer.compose(tokens, true, text.length)];
  if (second !== undefined) {
    report(second.range[0], "the policy holds more than one YAML document: keep one");
  }
  for (const { pos, message } of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    report(pos[0], `not valid YAML: ${lowerFirst(message)}`);
  }
  if (document === undefined || document.errors.length > 0) return undefined;
  if (document.contents === null || isEmptyScalar(document.contents)) {
    report(0, 'the policy is empty: start with "version: 1", "services" and "environments"');
    return undefined;
  }
  return new Plain(document, places, report).of(document.contents, [], null);
}

/** Runs lexer and parser, which do not recurse into the document, so that depth is known before anything does. */
function tokensOf(text: string, report: Report): CST.Token[] | null {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    // Each level of collections is one entry of the stack, two where it stands in a pair.
    if (parser.stack.length > 2 * maxDepth) {
      report(parser.offset, `nested deeper than ${maxDepth} levels: flatten it`);
      return null;
    }
  }
  tokens.push(...parser.end());
  return tokens;
}

/** Turns nodes into plain values, each alias written out, and notes where each stands. */
class Plain {
  readonly #document: Document.Parsed;
  readonly #places: Map<string, Place>;
  readonly #report: Report;
  #values = 0;
  #aliases = 0;

  constructor(document: Document.Parsed, places: Map<string, Place>, report: Report) {
    this.#document = document;
    this.#places = places;
    this.#report = report;
  }

  of(node: ParsedNode | null, path: readonly PathPart[], key: number | null): unknown {
    const start = node?.range[0] ?? key ?? 0;
    this.#places.set(placeKey(path), { key, value: start, scalar: !isCollection(node) });
    if (path.length > maxDepth) {
      this.#report(start, `nested deeper than ${maxDepth} levels: flatten it`, path);
      return undefined;
    }
    if (++this.#values > maxValues) {
      if (this.#values === maxValues + 1) this.#report(start, "the policy holds too many values");
      return undefined;
    }
    if (isAlias(node)) return this.#alias(node, path, key);
    if (isMap(node)) return this.#map(node.items, path);
    if (isCollection(node)) {
      return node.items.map((item, index) =>
        this.of(isPair(item) ? null : (item as ParsedNode), [...path, index], null),
      );
    }
    return isScalar(node) ? node.value : null;
  }

  #alias(node: ParsedNode, path: readonly PathPart[], key: number | null): unknown {
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (++this.#aliases > maxAliases || target === undefined) {
      const sentence =
        target === undefined
          ? "the alias has no anchor before it"
          : `more than ${maxAliases} aliases: write the values out`;
      this.#report(node.range[0], sentence, path);
      return undefined;
    }
    return this.of(target as ParsedNode, path, key);
  }

  #map(items: readonly { key: unknown; value: unknown }[], path: readonly PathPart[]): unknown {
    const plain: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const { key, value } of items) {
      const scalar = isScalar(key) ? (key as Scalar.Parsed) : null;
      const name = scalar === null ? null : (scalar.source ?? String(scalar.value));
      const offset = (key as ParsedNode | null)?.range?.[0] ?? 0;
      if (name === null || name === "") {
        this.#report(offset, "a key is a plain text: write one", path);
      } else if (unsafeKeys.has(name)) {
        this.#report(offset, `the key ${quoted(name)} is not allowed: remove it`, path);
      } else if (name === "<<") {
        this.#report(offset, 'merge keys ("<<") are not supported: write the keys out', path);
      } else if (seen.has(name)) {
        this.#report(offset, `the key ${quoted(name)} is written twice: keep one`, [...path, name]);
      } else {
        seen.add(name);
        plain[name] = this.of(value as ParsedNode | null, [...path, name], offset);
      }
    }
    return plain;
  }
}

function offsetOf(places: ReadonlyMap<string, Place>, path: readonly PathPart[]): number {
  for (let length = path.length; length >= 0; length--) {
    const place = places.get(placeKey(path.slice(0, length)));
    if (place === undefined) continue;
    // Of a mapping or a list the key is shown, not the first thing in it, which may be fine.
    return place.scalar && length === path.length ? place.value : (place.key ?? place.value);
  }
  return 0;
}

function placeKey(path: readonly PathPart[]): string {
  return JSON.stringify(path);
}

type Position = { readonly line: number; readonly column: number };

/** Lines and columns of a text, from 1; never past the last character that is no blank. */
function positionsIn(text: string): (offset: number) => Position {
  // The parser's own count misses lines where it stumbles.
  const lines = new LineCounter();
  for (let start = 0; start !== -1; start = text.indexOf("\n", start) + 1 || -1) {
    lines.addNewLine(start);
  }
  const end = text.trimEnd().length;
  return (offset) => {
    const { line, col } = lines.linePos(Math.min(offset, end));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
}

function isEmptyScalar(node: ParsedNode): boolean {
  return isScalar(node) && (node.value === null || node.value === "");
}

function lowerFirst(message: string): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
