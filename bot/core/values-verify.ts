import { isAlias, isCollection, isPair, isScalar, type Node, Scalar } from "yaml";

import { mayBeMisread } from "./values-yaml-string.ts";

/**
 * Whether `after` is `before` with only the `targets` replaced, each by the scalar that every reader takes as the
 * string given for it. Anchors, tags, quotes and order count; nothing is expanded.
 *
 * Comments need no comparing: what was a comment and is none any more shows as another scalar.
 */
export function differsOnlyAt(
  before: unknown,
  after: unknown,
  targets: ReadonlyMap<unknown, string>,
): boolean {
  const value = targets.get(before);
  if (value !== undefined) {
    return isScalar(before) && isString(after, value) && sameProperties(before, after);
  }
  if (isPair(before)) {
    return (
      isPair(after) &&
      differsOnlyAt(before.key, after.key, targets) &&
      differsOnlyAt(before.value, after.value, targets)
    );
  }
  if (isCollection(before)) {
    return (
      isCollection(after) &&
      before.constructor === after.constructor &&
      before.flow === after.flow &&
      before.items.length === after.items.length &&
      sameProperties(before, after) &&
      before.items.every((item, index) => differsOnlyAt(item, after.items[index], targets))
    );
  }
  if (isScalar(before)) {
    return (
      isScalar(after) &&
      before.type === after.type &&
      textOf(before) === textOf(after) &&
      sameProperties(before, after)
    );
  }
  if (isAlias(before)) {
    return isAlias(after) && before.source === after.source;
  }
  return before === after;
}

function sameProperties(before: Node, after: Node): boolean {
  return before.tag === after.tag && anchorOf(before) === anchorOf(after);
}

function anchorOf(node: Node): string | undefined {
  return isAlias(node) ? undefined : (node as { anchor?: string }).anchor;
}

/** The text in the file where it is one token: the library builds long strings so that comparing them is slow. */
function textOf(scalar: Scalar): string | undefined {
  const token = (scalar as Scalar.Parsed).srcToken;
  const flow = token !== undefined && token.type !== "block-scalar";
  return flow ? token.source : scalar.source;
}

/** A scalar that is this very string to readers of YAML 1.1 and 1.2 alike. */
function isString(node: unknown, value: string): node is Scalar {
  if (!isScalar(node) || node.value !== value) return false;
  if (node.type !== Scalar.PLAIN || node.tag !== undefined) return true;
  return !mayBeMisread(value);
}
