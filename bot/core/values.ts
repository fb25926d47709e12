import { Scalar } from "yaml";

import { findAnchors, type ValuesAnchors } from "./values-anchors.ts";
import { maxValuesBytes, parseValues, type ValuesDocument } from "./values-document.ts";
import { parseValuesPath } from "./values-path.ts";
import { refuseValues, type ValuesRefusal } from "./values-refusal.ts";
import { renderScalar, type ScalarStyle } from "./values-scalar.ts";
import { locateValue, type ValuesLocation, type ValuesTarget } from "./values-target.ts";
import { differsOnlyAt } from "./values-verify.ts";
import { type PlainReading, readPlain } from "./values-yaml-string.ts";

export type { ValuesRefusal } from "./values-refusal.ts";

/** One scalar to replace: its path, as `parseValuesPath` reads it, and the string that is to stand there. */
export type ValuesEdit = { readonly path: string; readonly value: string };

/**
 * `unchanged`: Helm reads every one of these strings already. `refused`: nothing was edited; every reason found is
 * given.
 */
export type ValuesResult =
  | { readonly kind: "edited"; readonly text: string }
  | { readonly kind: "unchanged" }
  | { readonly kind: "refused"; readonly refusals: readonly ValuesRefusal[] };

/**
 * What stands at a path today. `value` is the string that Helm hands the template; where Helm takes a plain scalar as
 * something else, `readAs` says as what, and `value` is the text in the file (`1.20`, though Helm makes it 1.2), or
 * empty for every null.
 *
 * So a value is in place only where it is equal **and** `readAs` is `string`. `absent`: Helm finds nothing there.
 */
export type ValuesScalar =
  | { readonly kind: "string"; readonly value: string; readonly readAs: PlainReading }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly refusal: ValuesRefusal };

/**
 * Replaces scalars in the first document of a values file, and touches no other byte: all edits or none.
 *
 * `file` only names the file in refusals. Keys are never created; an empty value (`tag:`) is filled in. The result
 * was parsed again and differs from `text` in the edited scalars only.
 */
export function editValues(file: string, text: string, edits: readonly ValuesEdit[]): ValuesResult {
  const document = open(file, text);
  if ("reason" in document) return { kind: "refused", refusals: [document] };

  const refusals: ValuesRefusal[] = [];
  const targets = new Map<Scalar.Parsed, string>();
  const splices: Splice[] = [];
  for (const { path, value } of edits) {
    const found = locate(document, path);
    if (found.kind !== "scalar") {
      const reason = found.kind === "absent" ? "missing-path" : found.reason;
      refusals.push(refuseValues(reason, file, path));
    } else if (!value.isWellFormed()) {
      refusals.push(refuseValues("bad-value", file, path));
    } else if ((targets.get(found.node) ?? value) !== value) {
      refusals.push(refuseValues("conflict", file, path));
    } else if (!targets.has(found.node)) {
      targets.set(found.node, value);
      const splice = spliceOf(text, found, value);
      if (splice !== null) splices.push(splice);
    }
  }
  if (refusals.length > 0) return { kind: "refused", refusals };
  if (splices.length === 0) return { kind: "unchanged" };

  const edited = apply(text, splices);
  const after = parseValues(file, edited);
  const verified =
    !("reason" in after) &&
    differsOnlyAt(document.contents, after.contents, changed(targets, splices));
  if (verified) return { kind: "edited", text: edited };
  const paths = edits.map(({ path }) => path).join(", ");
  return { kind: "refused", refusals: [refuseValues("verification-failed", file, paths)] };
}

/** Reads what stands at each path in the first document, in the order of `paths`. */
export function readValues(file: string, text: string, paths: readonly string[]): ValuesScalar[] {
  const document = open(file, text);
  if ("reason" in document) return paths.map(() => ({ kind: "refused", refusal: document }));
  return paths.map((path): ValuesScalar => {
    const found = locate(document, path);
    if (found.kind === "absent") return found;
    if (found.kind === "refused") {
      return { kind: "refused", refusal: refuseValues(found.reason, file, path) };
    }
    const readAs = readingOf(found.node);
    const value = readAs === "null" ? "" : (found.node.source ?? "");
    return { kind: "string", value, readAs };
  });
}

/** The text of a values file: strict UTF-8, at most 1 MiB, with the byte order mark kept where there is one. */
export function decodeValues(
  file: string,
  bytes: Uint8Array,
): { kind: "text"; text: string } | { kind: "refused"; refusal: ValuesRefusal } {
  if (bytes.length > maxValuesBytes) {
    return { kind: "refused", refusal: refuseValues("too-large", file, "", "over 1 MiB") };
  }
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { kind: "text", text: decoder.decode(bytes) };
  } catch {
    return { kind: "refused", refusal: refuseValues("not-utf8", file, "") };
  }
}

type OpenDocument = ValuesDocument & { readonly anchors: ValuesAnchors };

function open(file: string, text: string): OpenDocument | ValuesRefusal {
  const document = parseValues(file, text);
  if ("reason" in document) return document;
  const anchors = findAnchors(document.contents);
  if (anchors.dangling) return refuseValues("not-yaml", file, "", "an alias without its anchor");
  return { ...document, anchors };
}

function locate(document: OpenDocument, path: string): ValuesLocation {
  const parsed = parseValuesPath(path);
  if (parsed.kind === "refused") return parsed;
  return locateValue(document.contents, document.anchors, parsed.segments);
}

/** What Helm makes of a scalar: quoted or tagged `!!str` it is a string, whatever it looks like. */
function readingOf(node: Scalar.Parsed): PlainReading {
  if (node.type !== Scalar.PLAIN || node.tag !== undefined) return "string";
  return readPlain(node.source);
}

type Splice = {
  readonly target: ValuesTarget;
  readonly from: number;
  readonly to: number;
  readonly insert: string;
};

/** The replacement of one scalar, or null where Helm reads this very string already. */
function spliceOf(text: string, target: ValuesTarget, value: string): Splice | null {
  const { node, flow } = target;
  if (readingOf(node) === "string" && node.source === value) return null;
  const token = node.srcToken;
  const style: ScalarStyle = {
    quotes: quotesOf(node),
    flow,
    tagged: node.tag !== undefined,
  };
  const rendered = renderScalar(value, style);
  if (token !== undefined && "source" in token && token.source !== "") {
    return { target, from: token.offset, to: token.offset + token.source.length, insert: rendered };
  }
  // The library puts an empty scalar behind the spaces that follow its indicator; write right after the indicator.
  let at = node.range[0];
  while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  return { target, from: at, to: at, insert: ` ${rendered}` };
}

function quotesOf(node: Scalar.Parsed): ScalarStyle["quotes"] {
  if (node.type === Scalar.QUOTE_SINGLE) return "single";
  return node.type === Scalar.QUOTE_DOUBLE ? "double" : "plain";
}

/** From the end, so that the ranges of one parse stay right. */
function apply(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted((one, other) => other.from - one.from)
    .reduce(
      (edited, { from, to, insert }) => edited.slice(0, from) + insert + edited.slice(to),
      text,
    );
}

/** The targets that were written: those already in place must stay just as they are. */
function changed(
  targets: ReadonlyMap<Scalar.Parsed, string>,
  splices: readonly Splice[],
): ReadonlyMap<unknown, string> {
  const nodes = new Set(splices.map(({ target }) => target.node));
  return new Map([...targets].filter(([node]) => nodes.has(node)));
}
