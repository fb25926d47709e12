import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { createPrometheusMeter } from "#adapters/prometheus/prometheus-meter.ts";

import type { Pod } from "./tenants.ts";

export type Exposed = { readonly port: number; stop(): Promise<void> };

/** Serves a text at `/metrics` on loopback. */
export async function expose(text: () => string | Promise<string>): Promise<Exposed> {
  const server = createServer((_request, response) => {
    void Promise.resolve(text()).then((body) =>
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(body),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Made-up figures of what a cluster's exporters would say of the pods that really run. */
export function exportersText(pods: readonly Pod[]): string {
  const seconds = performance.now() / 1_000;
  const lines: string[] = [];
  for (const [index, { namespace, pod, image }] of pods.entries()) {
    const where = `namespace="${namespace}",pod="${pod}"`;
    const container = `${where},container="tenant-service"`;
    const wave = 0.5 + 0.5 * Math.sin(seconds / 9 + index);
    lines.push(
      `kube_pod_owner{${where},owner_kind="ReplicaSet",owner_name="${pod.replace(/-[^-]+$/, "")}"} 1`,
      `kube_pod_container_info{${container},image_spec="${image}"} 1`,
      `kube_pod_container_resource_limits{${container},resource="cpu",unit="core"} 0.5`,
      `kube_pod_container_resource_limits{${container},resource="memory",unit="byte"} ${512 * 2 ** 20}`,
      `kube_pod_container_status_restarts_total{${container}} ${namespace.startsWith("tenant-a") && index < 2 && seconds > 40 ? 1 : 0}`,
      `container_cpu_usage_seconds_total{${container}} ${(seconds * 0.12 + wave).toFixed(3)}`,
      `container_cpu_cfs_periods_total{${container}} ${Math.round(seconds * 10)}`,
      `container_cpu_cfs_throttled_periods_total{${container}} ${Math.round(seconds * (0.3 + wave / 10))}`,
      `container_memory_working_set_bytes{${container}} ${Math.round((90 + 20 * wave) * 2 ** 20)}`,
      `container_network_receive_bytes_total{${where}} ${Math.round(seconds * 42_000)}`,
      `container_network_transmit_bytes_total{${where}} ${Math.round(seconds * 61_000)}`,
    );
    if (namespace.startsWith("tenant-a") && seconds > 40)
      lines.push(
        `kube_pod_container_status_last_terminated_reason{${container},reason="OOMKilled"} 1`,
      );
  }
  for (const namespace of new Set(pods.map((one) => one.namespace))) {
    const there = pods.filter((one) => one.namespace === namespace).length;
    const deployment = `namespace="${namespace}",deployment="tenant-service"`;
    lines.push(
      `kube_deployment_spec_replicas{${deployment}} ${namespace.startsWith("tenant-a") ? 2 : 1}`,
      `kube_deployment_status_replicas_available{${deployment}} ${there}`,
      `kube_deployment_status_replicas_updated{${deployment}} ${pods.filter(({ image, namespace: its }) => its === namespace && image.endsWith("1a2b3c4")).length || there}`,
      `kube_horizontalpodautoscaler_spec_max_replicas{namespace="${namespace}",horizontalpodautoscaler="tenant-service"} 6`,
      ...[`requests.cpu`, `limits.memory`, `pods`].flatMap((resource, index) => [
        `kube_resourcequota{namespace="${namespace}",resource="${resource}",type="hard"} 7`,
        `kube_resourcequota{namespace="${namespace}",resource="${resource}",type="used"} ${there + index / 2}`,
      ]),
    );
  }
  for (const [node, left] of [
    ["worker-1", 0.62],
    ["worker-2", 0.17],
  ] as const)
    lines.push(
      `node_filesystem_avail_bytes{node="${node}",fstype="ext4",device="/dev/vda1",mountpoint="/"} ${Math.round((left * 100 - seconds / 30) * 2 ** 30)}`,
      `node_filesystem_size_bytes{node="${node}",fstype="ext4",device="/dev/vda1",mountpoint="/"} ${100 * 2 ** 30}`,
    );
  return `${lines.join("\n")}\n`;
}

/** Sluice's real meter, told made-up promotions: dev, staging and prod one after the other, again and again. */
export function generateSluice(): { text(): Promise<string>; tick(): void } {
  const meter = createPrometheusMeter({ version: "0.1.0" });
  let ticks = 0;
  let left = 4_900;
  const environments = ["dev", "staging", "prod"] as const;
  meter.set("policy_valid", {}, 1);
  // As Sluice does itself: counters begin at 0.
  for (const environment of environments)
    for (const result of ["opened", "merged", "verified", "failed"])
      meter.count("promotions_total", { environment, result }, 0);
  return {
    text: async () => (await meter.expose()).text,
    tick() {
      ticks += 1;
      left -= 3 + (ticks % 7);
      meter.set("github_rate_limit_remaining", {}, left);
      const environment = environments[ticks % 3] ?? "dev";
      const failed = ticks % 16 === 2;
      if (ticks % 2 === 0) {
        meter.count("promotions_total", { environment, result: "opened" });
        meter.count("promotions_total", { environment, result: "merged" });
        meter.count("promotions_total", { environment, result: failed ? "failed" : "verified" });
        meter.observe(
          "promotion_stage_seconds",
          { environment, stage: "gates" },
          environment === "prod" ? 3_900 : 620,
        );
        meter.observe(
          "promotion_stage_seconds",
          { environment, stage: "rollout" },
          40 + (ticks % 5) * 30,
        );
        meter.observe(
          "lead_time_seconds",
          { environment },
          { dev: 95, staging: 840, prod: 5_200 }[environment] * (1 + (ticks % 4) / 4),
        );
      }
      for (const [index, each] of environments.entries()) {
        const bad = each === "prod" && ticks % 16 >= 2 && ticks % 16 < 6 ? 1 : 0;
        meter.set("targets", { environment: each, state: "verified" }, 3 - bad);
        meter.set("targets", { environment: each, state: "failed" }, bad);
        meter.set("lag_seconds", { environment: each }, (ticks % 30) * 60 * index);
        meter.set("drifted_targets", { environment: each, kind: "image" }, ticks % 25 > 20 ? 1 : 0);
        meter.set(
          "freeze_active",
          { environment: each },
          each === "prod" && ticks % 40 > 30 ? 1 : 0,
        );
        meter.set(
          "gate_blocked_promotions",
          { environment: each, gate: "soak" },
          (ticks + index) % 3,
        );
      }
      meter.set(
        "gate_blocked_promotions",
        { environment: "prod", gate: "checks" },
        ticks % 9 > 6 ? 1 : 0,
      );
      if (ticks % 5 === 0)
        meter.count("notifications_total", { target: "slack", result: "delivered" });
      for (const [index, queue] of ["deliveries", "reconcile", "rollouts", "wakes"].entries()) {
        meter.count("jobs_total", { queue, result: "done" }, 1 + ((ticks + index) % 4));
        if (ticks % 10 === index) meter.count("jobs_total", { queue, result: "retried" });
        meter.observe("job_duration_seconds", { queue }, 0.02 * (index + 1) * (1 + (ticks % 6)));
        meter.set(
          "queue_oldest_waiting_seconds",
          { queue },
          queue === "reconcile" ? ticks % 11 : 0,
        );
        for (const state of ["waiting", "active", "delayed", "failed"])
          meter.set(
            "queue_jobs",
            { queue, state },
            state === "failed" ? 0 : Math.floor(ticks / 7 + index) % 4,
          );
      }
      for (const [event, result] of [
        ["push", "accepted"],
        ["check_run", "ignored"],
        ["registry_package", "accepted"],
      ] as const)
        meter.count("webhook_deliveries_total", { event, result });
      meter.observe("webhook_duration_seconds", {}, 0.004 + (ticks % 5) / 1_000);
      for (const [route, code] of [
        ["GET /repos/{owner}/{repo}/git/ref/{ref}", "304"],
        ["GET /repos/{owner}/{repo}/pulls", "200"],
        ["POST /repos/{owner}/{repo}/check-runs", "201"],
        ["PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", ticks % 15 === 0 ? "405" : "200"],
      ] as const)
        meter.count("github_requests_total", { route, code }, 1 + (ticks % 3));
      for (const [operation, code] of [
        ["list", "200"],
        ["get", ticks % 20 > 17 ? "timeout" : "200"],
        ["refresh", "200"],
      ] as const)
        meter.count("argocd_requests_total", { operation, code });
    },
  };
}
