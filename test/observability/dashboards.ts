import { readFileSync } from "node:fs";
import { basename } from "node:path";

import { filesOf } from "./read-rules.ts";

type Datasource = { readonly type: "prometheus" | "loki"; readonly uid: string };
type Target = {
  readonly refId: string;
  readonly datasource: Datasource;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant?: boolean;
};
export type Panel = {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: {
    readonly defaults: {
      readonly unit?: string;
      readonly thresholds?: { readonly steps: readonly { readonly value: number | null }[] };
      readonly mappings?: readonly {
        readonly options: Readonly<Record<string, { readonly text: string }>>;
      }[];
      readonly custom?: { readonly thresholdsStyle?: object; readonly stacking?: object };
    };
  };
};
type Variable = {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
};
export type Dashboard = {
  readonly file: string;
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
  readonly annotations: {
    readonly list: readonly {
      readonly name: string;
      readonly datasource: Datasource;
      readonly expr: string;
    }[];
  };
};

/** One query of a dashboard, as it stands there. */
export type DashboardQuery = {
  readonly where: string;
  readonly language: Datasource["type"];
  readonly query: string;
};

export function allDashboards(): readonly Dashboard[] {
  return filesOf("dashboards", ".json").map((file) => ({
    ...(JSON.parse(readFileSync(file, "utf8")) as Omit<Dashboard, "file">),
    file: basename(file),
  }));
}

/** Queries of panels and of annotations; a variable's `label_values(…)` counts as the selector that it holds. */
export function queriesOf(dashboard: Dashboard): readonly DashboardQuery[] {
  const { title, panels, annotations, templating } = dashboard;
  const ofPanels = panels.flatMap((panel) =>
    (panel.targets ?? []).map(({ datasource, expr, refId }) => ({
      where: `${title}: ${panel.title} ${refId}`,
      language: datasource.type,
      query: expr,
    })),
  );
  const ofAnnotations = annotations.list.map(({ name, datasource, expr }) => ({
    where: `${title}: marks ${name}`,
    language: datasource.type,
    query: expr,
  }));
  const ofVariables = templating.list
    .filter(({ type }) => type === "query")
    .map(({ name, query }) => ({
      where: `${title}: variable ${name}`,
      language: "prometheus" as const,
      query: selectorOf(typeof query === "string" ? query : query.query),
    }));
  return [...ofPanels, ...ofAnnotations, ...ofVariables];
}

/** Puts values for a dashboard's variables, and for Grafana's own. */
export function fill(query: string, values: Readonly<Record<string, string>>): string {
  return query.replaceAll(/\$(\w+)/g, (whole, name: string) => values[name] ?? whole);
}

/** Values that make a query readable for a parser. */
export const sample: Readonly<Record<string, string>> = {
  namespace: "tenant-a-prod",
  service: "tenant-service",
  environment: "prod",
  __rate_interval: "1m",
  __range: "1h",
  __range_s: "3600",
  __auto: "5m",
};

function selectorOf(query: string): string {
  const [, selector] = /^label_values\((.*), \w+\)$/.exec(query) ?? [];
  return selector ?? query;
}
