import { styleText } from "node:util";

import { reaches, type Figure } from "./figure.ts";

/** The figures of one part as lines: what, measured, must reach, ok? */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.what,
    `${numberOf(figure.value)} ${figure.unit}`.trimEnd(),
    boundOf(figure),
    markOf(figure),
  ]);
  const head = ["what", "measured", "must reach", "ok?"];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 1 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [styleText("dim", line(head)), ...rows.map((row) => coloured(line(row), row[3]))].join(
    "\n",
  );
}

function numberOf(value: number): string {
  const digits = Number.isInteger(value) || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function boundOf({ bound, unit }: Figure): string {
  if (bound === null) return "";
  const [sign, limit] = "atMost" in bound ? ["≤", bound.atMost] : ["≥", bound.atLeast];
  return `${sign} ${limit.toLocaleString("en-US")} ${unit}`.trimEnd();
}

function markOf(figure: Figure): string {
  switch (reaches(figure)) {
    case true:
      return "yes";
    case false:
      return "MISSED";
    case null:
      return "";
  }
}

function coloured(line: string, mark: string | undefined): string {
  return mark === "MISSED" ? styleText("red", line) : line;
}
