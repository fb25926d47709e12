import { describe, expect, it } from "vitest";

import { metricPrefix, metricsTable } from "#adapters/prometheus/metrics-table.ts";
import { createPrometheusMeter } from "#adapters/prometheus/prometheus-meter.ts";

async function linesOf(meter: { expose(): Promise<{ text: string }> }): Promise<string[]> {
  const { text } = await meter.expose();
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

describe("the meter", () => {
  it("has exactly the names and labels of the design, and those of drift, lag and notifications", () => {
    const rows = Object.entries(metricsTable).map(([name, { labels }]) =>
      labels.length === 0 ? name : `${name}{${labels.join(",")}}`,
    );
    expect(rows.sort()).toEqual(
      [
        "webhook_deliveries_total{event,result}",
        "webhook_duration_seconds",
        "jobs_total{queue,result}",
        "job_duration_seconds{queue}",
        "queue_jobs{queue,state}",
        "queue_oldest_waiting_seconds{queue}",
        "github_requests_total{route,code}",
        "github_rate_limit_remaining",
        "argocd_requests_total{operation,code}",
        "promotions_total{environment,result}",
        "promotion_stage_seconds{environment,stage}",
        "gate_blocked_promotions{environment,gate}",
        "targets{environment,state}",
        "lead_time_seconds{environment}",
        "freeze_active{environment}",
        "drifted_targets{environment,kind}",
        "lag_seconds{environment}",
        "notifications_total{target,result}",
        "policy_valid",
        "build_info{version,node}",
      ].sort(),
    );
  });

  it("explains every metric, and names its unit", () => {
    for (const [name, row] of Object.entries(metricsTable)) {
      expect(row.help).toMatch(/^[A-Z0-9].*\.$/);
      if (row.type === "counter") expect(name).toMatch(/_total$/);
      if (row.type === "histogram") {
        expect(name).toMatch(/_seconds$/);
        expect(row.buckets?.length).toBeGreaterThan(4);
      }
      for (const label of row.labels) expect(["tenant", "sha", "revision"]).not.toContain(label);
    }
  });

  it("exposes what was counted, and says what it runs", async () => {
    const meter = createPrometheusMeter({ version: "1.2.3" }, { processMetrics: false });
    meter.count("jobs_total", { queue: "reconcile", result: "done" });
    meter.count("jobs_total", { queue: "reconcile", result: "done" }, 2);
    meter.observe("job_duration_seconds", { queue: "reconcile" }, 0.2);
    meter.set("targets", { environment: "prod", state: "healthy" }, 3);
    const lines = await linesOf(meter);
    expect(lines).toContain('sluice_jobs_total{queue="reconcile",result="done"} 3');
    expect(lines).toContain('sluice_job_duration_seconds_bucket{le="0.25",queue="reconcile"} 1');
    expect(lines).toContain('sluice_job_duration_seconds_sum{queue="reconcile"} 0.2');
    expect(lines).toContain('sluice_targets{environment="prod",state="healthy"} 3');
    expect(lines).toContain(`sluice_build_info{version="1.2.3",node="${process.version}"} 1`);
    expect((await meter.expose()).contentType).toContain("text/plain");
  });

  it("says nothing of what it has not been told: 0 would be a broken policy", async () => {
    const meter = createPrometheusMeter({ version: "1" }, { processMetrics: false });
    const before = (await linesOf(meter)).join("\n");
    for (const name of ["policy_valid", "github_rate_limit_remaining"] as const) {
      expect(before).not.toContain(name);
      meter.set(name, {}, 0);
    }
    const after = await linesOf(meter);
    expect(after).toContain("sluice_policy_valid 0");
    expect(after).toContain("sluice_github_rate_limit_remaining 0");
  });

  it("forgets the series of a gauge, and no other", async () => {
    const meter = createPrometheusMeter({ version: "1" }, { processMetrics: false });
    meter.set("targets", { environment: "prod", state: "healthy" }, 3);
    meter.set("freeze_active", { environment: "prod" }, 1);
    meter.reset("targets");
    const lines = await linesOf(meter);
    expect(lines.filter((line) => line.startsWith("sluice_targets"))).toEqual([]);
    expect(lines).toContain('sluice_freeze_active{environment="prod"} 1');
  });

  it("does not break what it counts when a label is too many or missing", async () => {
    const meter = createPrometheusMeter({ version: "1" }, { processMetrics: false });
    meter.count("promotions_total", { environment: "dev", tenant: "tenant-a" });
    expect(await linesOf(meter)).toContain(
      'sluice_promotions_total{environment="dev",result=""} 1',
    );
  });

  it("names everything alike, the process's own figures included", async () => {
    const lines = await linesOf(createPrometheusMeter({ version: "1" }));
    expect(lines.filter((line) => !line.startsWith(metricPrefix))).toEqual([]);
    expect(lines.some((line) => line.startsWith("sluice_process_resident_memory_bytes"))).toBe(
      true,
    );
  });
});
