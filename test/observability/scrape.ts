/** Labels of every metric in a text in Prometheus' format, by the names as queries write them (`_bucket`, `le`). */
export function labelsOf(exposition: string): ReadonlyMap<string, ReadonlySet<string>> {
  const metrics = new Map<string, Set<string>>();
  for (const line of exposition.split("\n")) {
    const [, name, inBraces] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (name === undefined) continue;
    const labels = metrics.get(name) ?? new Set();
    for (const [, label] of (inBraces ?? "").matchAll(/([a-zA-Z_]\w*)="(?:[^"\\]|\\.)*"/g))
      if (label !== undefined) labels.add(label);
    metrics.set(name, labels);
  }
  return metrics;
}
