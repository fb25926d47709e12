import { isAlias, isMap, isPair, isScalar, isSeq, type Pair, type ParsedNode, Scalar } from "yaml";

import type { ValuesAnchors } from "./values-anchors.ts";
import { sequenceIndex } from "./values-path.ts";
import type { ValuesRefusalReason } from "./values-refusal.ts";

/** The scalar that a path names. */
export type ValuesTarget = {
  readonly kind: "scalar";
  readonly node: Scalar.Parsed;
  /** Within `{}` or `[]`. */
  readonly flow: boolean;
};

export type ValuesLocation =
  | ValuesTarget
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: ValuesRefusalReason };

/** What is known of a path while it is followed. */
type Step = {
  node: ParsedNode | null;
  flow: boolean;
  /** The first thing on the way that makes an edit in place impossible, should the path exist at all. */
  obstacle: ValuesRefusalReason | null;
};

const absent = { kind: "absent" } as const;
const stringTag = "tag:yaml.org,2002:str";
const collectionTags = ["tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"];

/**
 * Follows `segments` as Helm would, and says whether what stands there can be edited in place.
 *
 * Helm's reader keeps the last of several equal keys, and lets a `<<` override the keys that stand before it.
 */
export function locateValue(
  contents: ParsedNode | null,
  anchors: ValuesAnchors,
  segments: readonly string[],
): ValuesLocation {
  const step: Step = { node: contents, flow: false, obstacle: null };
  for (const segment of segments) {
    enter(step, anchors);
    if (!advance(step, anchors, segment)) return absent;
  }
  const { node } = step;
  if (isAlias(node)) step.obstacle ??= "alias";
  else if (node !== null && anchors.used.has(node)) step.obstacle ??= "anchor-in-use";
  if (step.obstacle !== null) return { kind: "refused", reason: step.obstacle };
  if (!isScalar(node)) return { kind: "refused", reason: "not-a-scalar" };
  const reason = scalarObstacle(node);
  return reason === null ? { kind: "scalar", node, flow: step.flow } : { kind: "refused", reason };
}

/** Follows an alias, and notes what the collection that the path goes through brings with it. */
function enter(step: Step, anchors: ValuesAnchors): void {
  if (isAlias(step.node)) {
    step.obstacle ??= "alias";
    step.node = anchors.targets.get(step.node) ?? null;
  } else if (step.node !== null && anchors.used.has(step.node)) {
    step.obstacle ??= "anchor-in-use";
  }
  const tag = step.node?.tag;
  if (isExplicit(step.node) && !collectionTags.includes(tag ?? "")) step.obstacle ??= "tag";
}

/** One segment further; false where there is no such thing. */
function advance(step: Step, anchors: ValuesAnchors, segment: string): boolean {
  const { node } = step;
  if (isSeq(node)) {
    const index = sequenceIndex(segment);
    const item = index === null ? undefined : node.items[index];
    if (item === undefined) return false;
    step.flow ||= node.flow === true;
    // Only the items of `!!pairs` and `!!omap` are pairs: `enter` has noted the tag.
    step.node = isPair(item) ? null : (item as ParsedNode);
    return true;
  }
  if (!isMap(node)) return false;
  const found = lookUp(node.items as Pair[], segment, anchors, new Set());
  if (found === null) return false;
  if (found.merged) step.obstacle ??= "merge-key";
  else if (!hasIndicator(found.pair, node.flow === true)) step.obstacle ??= "no-indicator";
  step.flow ||= node.flow === true;
  step.node = found.pair.value as ParsedNode | null;
  return true;
}

type Found = { readonly pair: Pair; readonly merged: boolean };

/** Read from the end: what is met first is what Helm's reader keeps. `seen` ends circles and repetitions. */
function lookUp(
  pairs: readonly Pair[],
  key: string,
  anchors: ValuesAnchors,
  seen: Set<unknown>,
): Found | null {
  for (const pair of pairs.toReversed()) {
    if (isMerge(pair.key)) {
      const merged = lookUpMerged(pair.value, key, anchors, seen);
      if (merged !== null) return { pair: merged, merged: true };
    } else if (keyText(pair.key, anchors) === key) {
      return { pair, merged: false };
    }
  }
  return null;
}

function lookUpMerged(
  value: unknown,
  key: string,
  anchors: ValuesAnchors,
  seen: Set<unknown>,
): Pair | null {
  const source = isAlias(value) ? anchors.targets.get(value as never) : value;
  if (seen.has(source)) return null;
  seen.add(source);
  if (isMap(source)) return lookUp(source.items as Pair[], key, anchors, seen)?.pair ?? null;
  if (!isSeq(source)) return null;
  for (const item of source.items) {
    const found = lookUpMerged(item, key, anchors, seen);
    if (found !== null) return found;
  }
  return null;
}

function isMerge(key: unknown): boolean {
  return isScalar(key) && key.source === "<<" && key.type === Scalar.PLAIN;
}

function keyText(key: unknown, anchors: ValuesAnchors): string | null {
  const node = isAlias(key) ? anchors.targets.get(key as never) : key;
  return isScalar(node) ? (node.source ?? "") : null;
}

/** Whether the pair has its `:`, and in flow style a space after it: Helm reads `{tag:}` as the key `tag:`. */
function hasIndicator({ srcToken: token }: Pair, flow: boolean): boolean {
  const sep = token?.sep ?? [];
  const at = sep.findIndex(({ type }) => type === "map-value-ind");
  if (at === -1) return false;
  return !flow || token?.value !== undefined || at + 1 < sep.length;
}

function isExplicit(node: ParsedNode | null): boolean {
  return node?.tag !== undefined;
}

function scalarObstacle(node: Scalar.Parsed): ValuesRefusalReason | null {
  if (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED) {
    return "block-scalar";
  }
  if (node.tag !== undefined && node.tag !== stringTag) return "tag";
  if (node.srcToken !== undefined && "source" in node.srcToken) {
    if (node.srcToken.source.includes("\n")) return "multi-line";
  }
  return null;
}
