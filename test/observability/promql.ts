import { parser } from "@prometheus-io/lezer-promql";

/** A metric as a query asks for it, with the labels that it matches. */
export type Selector = { readonly metric: string; readonly labels: readonly string[] };

type Tree = ReturnType<typeof parser.parse>;
type Node = Tree["topNode"];

/** Where a query does not parse, a sentence each; none when it does. */
export function problemsOf(query: string): readonly string[] {
  if (query.trim() === "") return ["empty"];
  const problems: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from }) => {
      if (type.isError) problems.push(`does not parse at "${query.slice(from, from + 20)}"`);
    },
  });
  return problems;
}

/** Every metric that a query names, in order. A selector that names none is reported as the metric "". */
export function selectorsOf(query: string): readonly Selector[] {
  return nodesOf(query, "VectorSelector").map((node) => ({
    metric: textOf(query, node.getChild("Identifier")),
    labels: [...within(node)]
      .filter((each) => each.name === "LabelName")
      .map((each) => textOf(query, each)),
  }));
}

/** Labels that a query groups by, or joins on. */
export function groupingLabelsOf(query: string): ReadonlySet<string> {
  const labels = nodesOf(query, "GroupingLabels").flatMap((node) =>
    node.getChildren("LabelName").map((each) => textOf(query, each)),
  );
  return new Set(labels);
}

/** How far back a query looks at most, in seconds: its ranges, with the offsets around them. */
export function lookbackOf(query: string): number {
  const reach = [...nodesOf(query, "MatrixSelector"), ...nodesOf(query, "OffsetExpr")].map((node) =>
    [...within(node)]
      .filter((each) => each.name.startsWith("NumberDurationLiteral"))
      .reduce((sum, each) => sum + secondsOf(textOf(query, each)), 0),
  );
  return Math.max(0, ...reach);
}

/** `1h30m` in seconds. */
export function secondsOf(duration: string): number {
  const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
  const parts = [...duration.matchAll(/(\d+)([smhdw])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}

function nodesOf(query: string, name: string): readonly Node[] {
  const nodes: Node[] = [];
  parser.parse(query).iterate({
    enter: (each) => {
      if (each.name === name) nodes.push(each.node);
    },
  });
  return nodes;
}

function within(node: Node): readonly Node[] {
  const nodes: Node[] = [];
  node.cursor().iterate((each) => {
    nodes.push(each.node);
  });
  return nodes;
}

function textOf(query: string, node: Node | null): string {
  return node === null ? "" : query.slice(node.from, node.to);
}
