/**
 * What the exporters of the stack expose, as far as rules and dashboards use it: names and labels from their own
 * documents (kube-state-metrics: docs/metrics/; cAdvisor: docs/storage/prometheus.md; node_exporter: the collector
 * `filesystem`). What service/ and Sluice expose is not listed here: a test asks running ones.
 */
export const exporters: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  "kube-state-metrics": {
    kube_deployment_created: ["deployment"],
    kube_deployment_spec_replicas: ["deployment"],
    kube_deployment_status_replicas_available: ["deployment"],
    kube_deployment_status_replicas_unavailable: ["deployment"],
    kube_deployment_status_replicas_updated: ["deployment"],
    kube_horizontalpodautoscaler_spec_max_replicas: ["horizontalpodautoscaler"],
    kube_pod_container_info: [
      "container",
      "container_id",
      "image",
      "image_id",
      "image_spec",
      "uid",
    ],
    kube_pod_container_resource_limits: ["container", "node", "resource", "uid", "unit"],
    kube_pod_container_status_last_terminated_reason: ["container", "reason", "uid"],
    kube_pod_container_status_restarts_total: ["container", "uid"],
    kube_pod_owner: ["owner_is_controller", "owner_kind", "owner_name", "uid"],
    kube_resourcequota: ["resource", "resourcequota", "type"],
  },
  cAdvisor: {
    container_cpu_cfs_periods_total: ["container", "image", "name"],
    container_cpu_cfs_throttled_periods_total: ["container", "image", "name"],
    container_cpu_usage_seconds_total: ["container", "cpu", "image", "name"],
    container_memory_working_set_bytes: ["container", "image", "name"],
    container_network_receive_bytes_total: ["interface", "name"],
    container_network_transmit_bytes_total: ["interface", "name"],
  },
  node_exporter: {
    node_filesystem_avail_bytes: ["device", "fstype", "mountpoint"],
    node_filesystem_size_bytes: ["device", "fstype", "mountpoint"],
  },
};

/** Labels of the target, which Prometheus adds to whatever is scraped; `node` by our relabelling of node_exporter. */
export const targetLabels = [
  "container",
  "endpoint",
  "instance",
  "job",
  "namespace",
  "node",
  "pod",
  "role",
  "service",
];
