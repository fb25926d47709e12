/** What Prometheus is asked about a service under load. */
export type LoadQueries = Readonly<Record<"cpu" | "memory" | "network" | "pods", string>>;

/** Two scrapes must lie within, and most scrape at least once a minute. */
const leastSeconds = 120;

/**
 * In the names of cAdvisor and kube-state-metrics, for the namespace `<tenant>-<environment>`. Names are RFC 1123 labels and
 * cannot break out of a matcher. Where namespaces are named otherwise there is no data, and nothing counts as measured.
 */
export function loadQueries(
  { tenant, environment }: { readonly tenant: string; readonly environment: string },
  durationMs: number,
): LoadQueries {
  const range = `${Math.max(leastSeconds, Math.ceil(durationMs / 1000))}s`;
  const namespace = `namespace="${tenant}-${environment}"`;
  const containers = `${namespace},container!=""`;
  return {
    cpu: `sum(rate(container_cpu_usage_seconds_total{${containers}}[${range}]))`,
    memory: `sum(max_over_time(container_memory_working_set_bytes{${containers}}[${range}]))`,
    network:
      `sum(rate(container_network_receive_bytes_total{${namespace}}[${range}]))` +
      ` + sum(rate(container_network_transmit_bytes_total{${namespace}}[${range}]))`,
    pods: `sum(kube_pod_status_phase{${namespace},phase="Running"})`,
  };
}
