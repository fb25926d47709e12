import { describe, expect, it } from "vitest";

import { drawLines, escape, formatValue, toLines } from "./preview/chart.ts";

const options = { from: 0, to: 10, unit: "s", limit: null, stacked: false, marks: [], columns: 8 };

describe("the picture of a dashboard", () => {
  it.for([
    [0.05, "percentunit", "5%"],
    [0.25, "s", "250 ms"],
    [300, "s", "5 min"],
    [95.24, "reqps", "95.2/s"],
    [3 * 2 ** 20, "bytes", "3 MiB"],
    [4550, "short", "4550"],
  ] as const)("writes %s in %s as %s", ([value, unit, text]) => {
    expect(formatValue(value, unit)).toBe(text);
  });

  it("names lines by the panel's legend, and leaves out what is no number", () => {
    const metric = { environment: "prod", result: "verified" };
    const values = [[1, "2"] as const, [2, "NaN"] as const];
    expect(toLines([{ metric, values }], "{{environment}} {{result}}")).toEqual([
      { name: "prod verified", values: [[1, 2]] },
    ]);
  });

  it("says that there is no data rather than drawing nothing", () => {
    expect(drawLines([{ name: "x", values: [] }], options)).toContain("no data");
  });

  it("draws a limit only where it is in the picture, and stacks", () => {
    const line = (name: string, value: number) => ({
      name,
      values: [
        [0, value],
        [10, value],
      ] as const,
    });
    expect(drawLines([line("a", 1)], { ...options, limit: 2 })).not.toContain("#c4162a");
    expect(drawLines([line("a", 3)], { ...options, limit: 2 })).toContain("#c4162a");
    const stacked = drawLines([line("a", 1), line("b", 1)], { ...options, stacked: true });
    const tops = [...stacked.matchAll(/points="0\.0,([\d.]+)/g)].map(([, y]) => Number(y));
    expect(tops[1]).toBeLessThan(tops[0] ?? 0);
  });

  it("shows what comes from outside as text", () => {
    expect(escape('<b a="&">')).toBe("&lt;b a=&quot;&amp;&quot;>");
  });
});
