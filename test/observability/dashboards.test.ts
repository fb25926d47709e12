import { describe, expect, it } from "vitest";

import { allDashboards, fill, queriesOf, sample, type Panel } from "./dashboards.ts";
import { problemsOfLogQuery } from "./log-query.ts";
import { problemsOf } from "./promql.ts";

const dashboards = allDashboards();

describe("dashboards", () => {
  it("are the tenants' and Sluice's", () => {
    expect(dashboards.map(({ uid, title, file }) => [file, uid, title])).toEqual([
      ["sluice.json", "sluice", "Sluice"],
      ["tenant-overview.json", "tenant-overview", "Tenant overview"],
    ]);
  });

  it.for(dashboards.map((one) => [one.title, one] as const))(
    "%s can be imported by Grafana 11: schema, ids, places, data sources by variable",
    ([, { schemaVersion, panels, templating }]) => {
      expect(schemaVersion).toBeGreaterThanOrEqual(39);
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      expect(overlaps(panels)).toEqual([]);
      const variables = templating.list.filter(({ type }) => type === "datasource");
      expect(variables.map(({ name, query }) => [name, query])).toEqual([
        ["datasource", "prometheus"],
        ["loki", "loki"],
      ]);
      const empty = panels.filter(({ type, targets }) => type !== "row" && !targets?.length);
      expect(empty).toEqual([]);
      for (const { targets = [] } of panels)
        for (const { datasource } of targets)
          expect(datasource.uid).toBe(datasource.type === "loki" ? "${loki}" : "${datasource}");
    },
  );

  it.for(dashboards.flatMap(queriesOf).map((one) => [one.where, one] as const))(
    "%s parses",
    ([, { language, query }]) => {
      const filled = fill(query, sample);
      expect(filled).not.toMatch(/\$/);
      expect(language === "loki" ? problemsOfLogQuery(filled) : problemsOf(filled)).toEqual([]);
    },
  );

  it("show what was asked for", () => {
    const titles = (uid: string) =>
      dashboards
        .find((one) => one.uid === uid)
        ?.panels.map(({ title }) => title)
        .join("; ");
    for (const part of ["Requests", "Errors", "Latency", "CPU", "Memory", "Restarts", "quota"])
      expect(titles("tenant-overview")).toContain(part);
    for (const part of ["Images", "Pods by version", "Budget spent", "Lines by level"])
      expect(titles("tenant-overview")).toContain(part);
    for (const part of ["Promotions", "gates", "Queues", "GitHub", "Argo CD", "Lead time"])
      expect(titles("sluice")).toContain(part);
    for (const part of ["Deployments a day", "Change failure rate", "Time to restore"])
      expect(titles("sluice")).toContain(part);
  });
});

function overlaps(panels: readonly Panel[]): readonly string[] {
  const found: string[] = [];
  for (const [index, one] of panels.entries()) {
    const { x, y, w, h } = one.gridPos;
    if (x + w > 24) found.push(`${one.title} is too wide`);
    for (const other of panels.slice(index + 1)) {
      const at = other.gridPos;
      if (x < at.x + at.w && at.x < x + w && y < at.y + at.h && at.y < y + h)
        found.push(`${one.title} lies on ${other.title}`);
    }
  }
  return found;
}
