import { type Alias, isAlias, isCollection, isNode, isPair, type ParsedNode } from "yaml";

/** Where the aliases of a document point. */
export type ValuesAnchors = {
  /** Per alias the node that it stands for: the last one before it with that anchor. */
  readonly targets: ReadonlyMap<Alias.Parsed, ParsedNode>;
  /** The nodes that some alias stands for. */
  readonly used: ReadonlySet<unknown>;
  /** True where an alias names no anchor before it: no YAML reader takes such a document. */
  readonly dangling: boolean;
};

/**
 * Follows anchors and aliases in document order, once, without expanding anything: `yaml`'s own `resolve` starts over
 * for each alias, and its `toJS` copies what is behind them.
 */
export function findAnchors(contents: ParsedNode | null): ValuesAnchors {
  const byName = new Map<string, ParsedNode>();
  const targets = new Map<Alias.Parsed, ParsedNode>();
  let dangling = false;
  visit(contents);
  return { targets, used: new Set(targets.values()), dangling };

  function visit(node: unknown): void {
    if (isPair(node)) {
      visit(node.key);
      visit(node.value);
    } else if (isAlias(node)) {
      const target = byName.get(node.source);
      if (target === undefined) dangling = true;
      else targets.set(node as Alias.Parsed, target);
    } else if (isNode(node)) {
      if (node.anchor !== undefined) byName.set(node.anchor, node as ParsedNode);
      if (isCollection(node)) for (const item of node.items) visit(item);
    }
  }
}
