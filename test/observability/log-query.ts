/**
 * The part of LogQL that dashboards, runbooks and documents here use: a stream selector, line filters, `json`, and
 * comparisons of fields, within at most `count_over_time` or `rate` and a sum. Enough to say whether a query finds a line.
 */
export type LogQuery = {
  readonly stream: readonly Matcher[];
  readonly stages: readonly Stage[];
};
type Matcher = { readonly name: string; readonly operator: string; readonly value: string };
type Stage =
  | { readonly kind: "contains"; readonly text: string }
  | { readonly kind: "json" }
  | ({ readonly kind: "field" } & Matcher);

/** Labels that the collector makes streams of; test/observability/stack.test.ts compares. */
export const streamLabels = ["namespace", "service", "container", "env", "team", "level"];

/** Null where it is not of this part of LogQL. */
export function readLogQuery(query: string): LogQuery | null {
  const inner = innerOf(query.trim());
  const [, braces, rest] = /^\{([^{}]+)\}(.*)$/s.exec(inner) ?? [];
  if (braces === undefined || rest === undefined) return null;
  const stream = readMatchers(braces);
  const stages = readStages(rest);
  return stream === null || stages === null ? null : { stream, stages };
}

/** Why a query cannot work here, a sentence each. */
export function problemsOfLogQuery(query: string): readonly string[] {
  const read = readLogQuery(query);
  if (read === null) return [`cannot be read: ${query}`];
  const unknown = read.stream.filter(({ name }) => !streamLabels.includes(name));
  const parsed = read.stages.findIndex(({ kind }) => kind === "json");
  const early = read.stages.findIndex(({ kind }) => kind === "field");
  return [
    ...unknown.map(({ name }) => `no stream has a label ${name}`),
    ...(early >= 0 && (parsed < 0 || early < parsed) ? ["compares a field before | json"] : []),
  ];
}

/** Whether a query finds a line of a stream. */
export function finds(
  { stream, stages }: LogQuery,
  labels: Readonly<Record<string, string>>,
  line: string,
): boolean {
  if (!stream.every((each) => matches(each, labels[each.name]))) return false;
  let fields: Readonly<Record<string, unknown>> = {};
  return stages.every((stage) => {
    if (stage.kind === "contains") return line.includes(stage.text);
    if (stage.kind === "field") return matches(stage, fields[stage.name]);
    fields = JSON.parse(line) as Record<string, unknown>;
    return true;
  });
}

function innerOf(query: string): string {
  const [, counted] =
    /^(?:sum(?: by \([\w, ]+\))? ?\()?(?:count_over_time|rate)\((.*?) ?\[[\d\w]+\]\)\)?$/s.exec(
      query,
    ) ?? [];
  return counted ?? query;
}

function readMatchers(text: string): readonly Matcher[] | null {
  const parts = text.split(/,\s*/).map((part) => /^(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"$/.exec(part));
  const read = parts.flatMap((part) => (part === null ? [] : [toMatcher(part)]));
  return read.length === parts.length ? read : null;
}

function readStages(text: string): readonly Stage[] | null {
  const stages: Stage[] = [];
  let rest = text.trim();
  while (rest !== "") {
    const contains = /^\|= "([^"]*)"\s*/.exec(rest);
    const json = /^\| json\s*/.exec(rest);
    const field = /^\| (\w+) ?(=~|!~|!=|=|>=|<=|>|<) ?"?([^"|]*?)"?\s*(?=\||$)/.exec(rest);
    const found = contains ?? json ?? field;
    if (found === null) return null;
    if (contains !== null) stages.push({ kind: "contains", text: contains[1] ?? "" });
    else if (json !== null) stages.push({ kind: "json" });
    else stages.push({ kind: "field", ...toMatcher(found) });
    rest = rest.slice(found[0].length);
  }
  return stages;
}

function toMatcher([, name = "", operator = "", value = ""]: readonly string[]): Matcher {
  return { name, operator, value };
}

function matches({ operator, value }: Matcher, actual: unknown): boolean {
  const text = typeof actual === "string" || typeof actual === "number" ? String(actual) : "";
  switch (operator) {
    case "=":
      return text === value;
    case "!=":
      return text !== value;
    case "=~":
      return new RegExp(`^(?:${value})$`).test(text);
    case "!~":
      return !new RegExp(`^(?:${value})$`).test(text);
    case ">":
      return actual !== undefined && Number(actual) > Number(value);
    case "<":
      return actual !== undefined && Number(actual) < Number(value);
    default:
      throw new Error(`no operator ${operator}`);
  }
}
