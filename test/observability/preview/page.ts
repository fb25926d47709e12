import { fill, type Dashboard, type Panel } from "../dashboards.ts";
import { finds, readLogQuery } from "../log-query.ts";
import { drawLines, escape, formatValue, toLines } from "./chart.ts";
import type { Prometheus, Series } from "./prometheus.ts";

export type LoggedLine = {
  readonly stream: Readonly<Record<string, string>>;
  readonly at: number;
  readonly line: string;
};

export type Run = {
  readonly prometheus: Prometheus;
  readonly from: number;
  readonly to: number;
  readonly lines: readonly LoggedLine[];
  /** Values of the dashboard's variables and of Grafana's own. */
  readonly variables: Readonly<Record<string, string>>;
};

type Drawn = { readonly html: string; readonly isEmpty: boolean };

/** A dashboard as one page, every panel's own queries asked; says which panels stayed empty. */
export async function drawDashboard(
  dashboard: Dashboard,
  run: Run,
  note: string,
): Promise<{ readonly html: string; readonly empty: readonly string[] }> {
  const marks = await marksOf(dashboard, run);
  const cells: string[] = [];
  const empty: string[] = [];
  for (const panel of dashboard.panels) {
    const { x, y, w, h } = panel.gridPos;
    const place = `grid-column:${x + 1}/span ${w};grid-row:${y + 1}/span ${h}`;
    if (panel.type === "row") {
      cells.push(`<h2 style="${place}">${escape(fill(panel.title, run.variables))}</h2>`);
      continue;
    }
    const { html, isEmpty } = await drawPanel(panel, run, marks);
    if (isEmpty) empty.push(panel.title);
    cells.push(`<section style="${place}"><h3>${escape(panel.title)}</h3>${html}</section>`);
  }
  const html = `<!doctype html><meta charset="utf-8"><title>${escape(dashboard.title)}</title><style>${style}</style><h1>${escape(dashboard.title)}</h1><p>${escape(note)}</p><main>${cells.join("")}</main>`;
  return { html, empty };
}

async function drawPanel(panel: Panel, run: Run, marks: readonly number[]): Promise<Drawn> {
  const targets = panel.targets ?? [];
  if (targets[0]?.datasource.type === "loki") return drawLogs(panel, run);
  const unit = panel.fieldConfig?.defaults.unit ?? "short";
  const query = (expr: string) => fill(expr, run.variables).replace(":1m]) * 60", ":1s])");
  if (panel.type === "timeseries") {
    const all = await Promise.all(
      targets.map(async ({ expr, legendFormat }) =>
        toLines(await run.prometheus.range(query(expr), run.from, run.to), legendFormat),
      ),
    );
    const lines = all.flat();
    const { custom, thresholds } = panel.fieldConfig?.defaults ?? {};
    const limit =
      custom?.thresholdsStyle === undefined ? null : (thresholds?.steps.at(-1)?.value ?? null);
    const html = drawLines(lines, {
      ...run,
      unit,
      limit,
      marks,
      columns: panel.gridPos.w,
      stacked: custom?.stacking !== undefined,
    });
    return { html, isEmpty: lines.every(({ values }) => values.length === 0) };
  }
  const series = (
    await Promise.all(targets.map(({ expr }) => run.prometheus.instant(query(expr), run.to)))
  ).flat();
  if (panel.type === "table") return { html: drawTable(series), isEmpty: series.length === 0 };
  const named = targets[0]?.legendFormat ?? "";
  const words = panel.fieldConfig?.defaults.mappings?.[0]?.options;
  const texts = toLines(series, named).flatMap(({ name, values: [only] }) =>
    only === undefined
      ? []
      : [name === "" ? (words?.[only[1]]?.text ?? formatValue(only[1], unit)) : name],
  );
  return {
    html: `<p class="stat">${escape(texts.join(", ")) || '<span class="none">no data</span>'}</p>`,
    isEmpty: texts.length === 0,
  };
}

/** Without a Loki: the lines that were really written, asked by the panel's own query. */
function drawLogs(panel: Panel, run: Run): Drawn {
  const query = readLogQuery(fill(panel.targets?.[0]?.expr ?? "", run.variables));
  const found =
    query === null ? [] : run.lines.filter(({ stream, line }) => finds(query, stream, line));
  if (found.length === 0) return { html: '<p class="none">no lines</p>', isEmpty: true };
  if (panel.type === "logs") {
    const rows = found.slice(-8).map(({ line }) => escape(line));
    return { html: `<pre>${rows.join("\n")}</pre>`, isEmpty: false };
  }
  const levels = [...new Set(found.map(({ stream }) => stream["level"] ?? ""))];
  const seconds = Array.from(
    { length: Math.ceil(run.to - run.from) },
    (_, index) => run.from + index,
  );
  const lines = levels.map((name) => ({
    name,
    values: seconds.map(
      (at) =>
        [
          at,
          found.filter((one) => one.stream["level"] === name && one.at >= at && one.at < at + 1)
            .length,
        ] as const,
    ),
  }));
  return {
    html: drawLines(lines, {
      ...run,
      unit: "short",
      limit: null,
      marks: [],
      columns: panel.gridPos.w,
      stacked: true,
    }),
    isEmpty: false,
  };
}

function drawTable(series: readonly Series[]): string {
  if (series.length === 0) return '<p class="none">no data</p>';
  const names = [...new Set(series.flatMap(({ metric }) => Object.keys(metric)))];
  const rows = series.map(({ metric, values }) => [
    ...names.map((name) => metric[name] ?? ""),
    values[0]?.[1] ?? "",
  ]);
  const cells = (row: readonly string[], tag: string) =>
    row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("");
  return `<table><tr>${cells([...names, "value"], "th")}</tr>${rows.map((row) => `<tr>${cells(row, "td")}</tr>`).join("")}</table>`;
}

/** Where a mark begins: the first sample after a pause. */
async function marksOf(dashboard: Dashboard, run: Run): Promise<readonly number[]> {
  const queries = dashboard.annotations.list.map(({ expr }) =>
    fill(expr, run.variables).replaceAll("offset 5m", "offset 15s"),
  );
  const series = (
    await Promise.all(queries.map((query) => run.prometheus.range(query, run.from + 20, run.to)))
  ).flat();
  return series.flatMap(({ values: [first] }) => (first === undefined ? [] : [first[0]]));
}

const style = `body{font:12px sans-serif;margin:16px;width:1440px;color:#222}h1{margin:0}main{display:grid;grid-template-columns:repeat(24,1fr);grid-auto-rows:26px;gap:6px}
h2{font-size:14px;margin:4px 0;border-bottom:1px solid #aaa}section{border:1px solid #ccc;padding:4px 8px;overflow:hidden}h3{font-size:12px;margin:0 0 2px}
svg{width:100%;height:calc(100% - 40px)}text{font-size:9px;fill:#777}.legend{font-size:10px;line-height:13px;max-height:26px;overflow:hidden}.legend i{display:inline-block;width:8px;height:8px;margin:0 3px}
.stat{font-size:22px;margin:8px 0}.none{color:#a00;font-size:12px}pre{font-size:10px;margin:0;white-space:pre-wrap;word-break:break-all}table{border-collapse:collapse;font-size:10px}td,th{border:1px solid #ddd;padding:2px 5px;text-align:left}`;
