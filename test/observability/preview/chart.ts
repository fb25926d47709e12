import type { Series } from "./prometheus.ts";

export type Line = {
  readonly name: string;
  readonly values: readonly (readonly [number, number])[];
};

const colours = [
  "#5794f2",
  "#73bf69",
  "#f2cc0c",
  "#ff780a",
  "#f2495c",
  "#b877d9",
  "#8ab8ff",
  "#96d98d",
  "#ffee52",
  "#ca95e5",
];
const height = 150;

/** Series as lines, named as the panel's legend says; what is no number is left out. */
export function toLines(series: readonly Series[], legend: string): readonly Line[] {
  return series.map(({ metric, values }) => ({
    name: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "").trim(),
    values: values
      .map(([at, value]) => [at, Number(value)] as const)
      .filter(([, value]) => Number.isFinite(value)),
  }));
}

/** A line chart as SVG; a limit is drawn red where it lies within the picture. */
export function drawLines(
  lines: readonly Line[],
  options: {
    readonly from: number;
    readonly to: number;
    readonly unit: string;
    readonly limit: number | null;
    readonly stacked: boolean;
    readonly marks: readonly number[];
    /** Of 24 columns. */
    readonly columns: number;
  },
): string {
  const drawn = lines.filter(({ values }) => values.length > 0);
  if (drawn.length === 0) return `<p class="none">no data</p>`;
  const width = options.columns * 55;
  const shown = options.stacked ? stack(drawn) : drawn;
  const most = Math.max(...shown.flatMap(({ values }) => values.map(([, value]) => value)));
  const top = most > 0 ? most * 1.1 : 1;
  const x = (at: number) => ((at - options.from) / (options.to - options.from)) * width;
  const y = (value: number) => height - (value / top) * height;
  const paths = shown.map(({ values }, index) => {
    const points = values
      .map(([at, value]) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`)
      .join(" ");
    return `<polyline points="${points}" fill="none" stroke="${colourOf(index)}" stroke-width="1.5"/>`;
  });
  const { limit } = options;
  const red =
    limit !== null && limit <= top
      ? `<line x1="0" x2="${width}" y1="${y(limit)}" y2="${y(limit)}" stroke="#c4162a" stroke-dasharray="5 3"/>`
      : "";
  const marks = options.marks.map(
    (at) =>
      `<line x1="${x(at)}" x2="${x(at)}" y1="0" y2="${height}" stroke="#1f60c4" stroke-dasharray="2 3"/>`,
  );
  const grid = [0, 0.5, 1].map((share) => {
    const at = share * top;
    return `<line x1="0" x2="${width}" y1="${y(at)}" y2="${y(at)}" stroke="#ddd"/><text x="2" y="${Math.max(9, y(at) - 2)}">${formatValue(at, options.unit)}</text>`;
  });
  const legend = drawn.map(
    ({ name }, index) =>
      `<span><i style="background:${colourOf(index)}"></i>${escape(name)}</span>`,
  );
  return `<svg viewBox="0 -4 ${width} ${height + 8}">${grid.join("")}${marks.join("")}${paths.join("")}${red}</svg><div class="legend">${legend.join(" ")}</div>`;
}

/** A number as Grafana would write it in a unit, roughly. */
export function formatValue(value: number, unit: string): string {
  if (unit === "percentunit") return `${round(value * 100)}%`;
  if (unit === "s")
    return value < 1
      ? `${round(value * 1_000)} ms`
      : value < 120
        ? `${round(value)} s`
        : `${round(value / 60)} min`;
  if (unit === "bytes" || unit === "Bps")
    return `${round(value / 2 ** 20)} MiB${unit === "Bps" ? "/s" : ""}`;
  return `${round(value)}${unit === "reqps" || unit === "ops" ? "/s" : ""}`;
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

function stack(lines: readonly Line[]): readonly Line[] {
  const sums = new Map<number, number>();
  return lines.map(({ name, values }) => ({
    name,
    values: values.map(([at, value]) => {
      const sum = (sums.get(at) ?? 0) + value;
      sums.set(at, sum);
      return [at, sum] as const;
    }),
  }));
}

function colourOf(index: number): string {
  return colours[index % colours.length] ?? "#000";
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
