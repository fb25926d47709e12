import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describe, expect, inject, it } from "vitest";

import { quantity } from "./quantity.ts";
import { renderChart } from "./render.ts";
import { environments, renderTenant } from "./tenant-releases.ts";

const { helm } = inject("tools");
const root = resolve(import.meta.dirname, "../..");

function readReadme(folder: string): string {
  return readFileSync(resolve(root, folder, "README.md"), "utf8");
}

describe.for(["helm", "helm/tenant-service", "helm/sluice"])("%s/README.md", (folder) => {
  it("is one page", () => {
    expect(readReadme(folder).split("\n").length).toBeLessThanOrEqual(61);
  });
});

describe.skipIf(helm === null).for(["helm/tenant-service", "helm/sluice"])("%s", (folder) => {
  it("is rendered by the command that its README gives", async () => {
    const [, release = "", chart = "", namespace = "", file = ""] =
      /^helm template (\S+) (\S+) -n (\S+) -f (\S+)$/m.exec(readReadme(folder)) ?? [];
    expect(chart).toBe(folder);
    const values = [resolve(root, file)];
    const objects = await renderChart(helm ?? "", resolve(root, chart), {
      release,
      namespace,
      values,
    });
    expect(objects.length).toBeGreaterThan(8);
  });
});

describe.skipIf(helm === null)("the table of environments", () => {
  const rows = readReadme("helm/tenant-service").split("\n");

  it.for(environments)("says what %s gets", async (environment) => {
    const column = environments.indexOf(environment) + 2;
    const cell = (title: string): string => {
      const row = rows.find((each) => each.startsWith(`| ${title}`));
      return row?.split("|")[column]?.trim() ?? "";
    };
    const objects = await renderTenant(helm ?? "", environment);
    const text = JSON.stringify(objects);
    const [container] = /"resources":(\{"limits".*?\}\})/.exec(text)?.slice(1) ?? [];
    const resources = JSON.parse(container ?? "{}") as Record<string, Record<string, string>>;
    for (const kind of ["requests", "limits"]) {
      const [cpu, memory] = cell(kind).split(", ");
      expect(quantity(resources[kind]?.["cpu"])).toBe(quantity(cpu));
      expect(quantity(resources[kind]?.["memory"])).toBe(quantity(memory));
    }
    const [, least, most, percent] = /^(\d+) to (\d+), (\d+)% CPU$/.exec(cell("replicas")) ?? [];
    if (least === undefined) expect(text).toContain(`"replicas":${cell("replicas")},`);
    else {
      expect(text).toContain(`"minReplicas":${least},"maxReplicas":${most}`);
      expect(text).toContain(`"averageUtilization":${percent}`);
    }
    const budget = cell("disruption budget");
    expect(text.includes('"minAvailable"')).toBe(!budget.startsWith("none"));
    expect(text).toContain(`"severity":"${cell("`TenantServiceNotScraped`")}"`);
  });
});
