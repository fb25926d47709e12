import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { describe, expect, inject, it } from "vitest";
import { stringify } from "yaml";

import { theObject } from "./tree.ts";

const { promtool } = inject("tools");
const { spec } = theObject("PrometheusRule", "drift");

/** One application in prod, and one of dev that nobody minds. */
function series(status: string): readonly object[] {
  const labels = `name="tenant-a-prod", dest_namespace="tenant-a-prod", namespace="argocd"`;
  return [
    {
      series: `argocd_app_info{${labels}, project="prod", sync_status="${status}"}`,
      values: "1x120",
    },
    {
      series: `argocd_app_info{name="b", project="dev", sync_status="OutOfSync"}`,
      values: "1x120",
    },
  ];
}

const firing = [
  {
    exp_labels: {
      severity: "warning",
      name: "tenant-a-prod",
      namespace: "tenant-a-prod",
      dest_namespace: "tenant-a-prod",
    },
    exp_annotations: {
      ...spec.groups[0].rules[0].annotations,
      summary: "tenant-a-prod has differed from Git for an hour",
    },
  },
];

describe.skipIf(promtool === null)("the alert on drift in prod", () => {
  it.for([
    ["fires after an hour of difference", "OutOfSync", "61m", firing],
    ["is quiet before", "OutOfSync", "59m", []],
    ["is quiet while all is synced", "Synced", "90m", []],
  ] as const)("%s", async ([, status, eval_time, exp_alerts]) => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-drift-"));
    try {
      await writeFile(join(folder, "rules.yaml"), stringify(spec));
      const test = {
        rule_files: ["rules.yaml"],
        evaluation_interval: "1m",
        tests: [
          {
            interval: "1m",
            input_series: series(status),
            alert_rule_test: [{ eval_time, alertname: "ProdDrifted", exp_alerts }],
          },
        ],
      };
      await writeFile(join(folder, "test.yaml"), stringify(test));
      const run = promisify(execFile)(promtool!, ["test", "rules", "test.yaml"], { cwd: folder });
      expect((await run).stdout).toContain("SUCCESS");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
