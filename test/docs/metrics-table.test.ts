import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { metricsTable } from "../../bot/adapters/prometheus/metrics-table.ts";

describe("bot/README.md", () => {
  const text = readFileSync(new URL("../../bot/README.md", import.meta.url), "utf8");
  const section = text.split("## What it tells")[1]?.split("\n## ")[0] ?? "";

  it("lists every metric with its labels", () => {
    const rows = [...section.matchAll(/^\| `(\w+)`\s*\|([^|]*)\|/gm)].map(
      ([, name = "", labels = ""]) => [name, [...labels.matchAll(/\w+/g)].map(String)],
    );
    const metrics = Object.entries(metricsTable).map(([name, { labels }]) => [name, labels]);
    expect(rows).toEqual(metrics);
  });
});
