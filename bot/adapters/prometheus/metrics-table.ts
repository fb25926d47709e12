import type { CounterName, GaugeName, HistogramName } from "#ports/meter.ts";

export type MetricRow = {
  readonly type: "counter" | "histogram" | "gauge";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, seconds. */
  readonly buckets?: readonly number[];
};

export const metricPrefix = "sluice_";

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const jobBuckets = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const stageBuckets = [1, 5, 15, 30, 60, 300, 900, 3_600, 14_400, 86_400];

/** Every metric of Sluice's own: names and labels, without the prefix; `bot/README.md` lists them, and a test compares. */
export const metricsTable: Readonly<Record<CounterName | HistogramName | GaugeName, MetricRow>> = {
  webhook_deliveries_total: {
    type: "counter",
    help: "Deliveries received, by event and by what became of them (accepted, ignored, unauthorized, too-large, unsupported, malformed, unavailable, aborted).",
    labels: ["event", "result"],
  },
  webhook_duration_seconds: {
    type: "histogram",
    help: "From the headers of a delivery to its answer.",
    labels: [],
    buckets: requestBuckets,
  },
  jobs_total: {
    type: "counter",
    help: "Runs of jobs, by how they ended (done, later, outage, handed-back, retried, failed).",
    labels: ["queue", "result"],
  },
  job_duration_seconds: {
    type: "histogram",
    help: "How long one run of a job took.",
    labels: ["queue"],
    buckets: jobBuckets,
  },
  queue_jobs: {
    type: "gauge",
    help: "Jobs in a queue, by state (waiting, active, delayed, failed).",
    labels: ["queue", "state"],
  },
  queue_oldest_waiting_seconds: {
    type: "gauge",
    help: "How long the next job of a queue has been ready to run; 0 when none waits.",
    labels: ["queue"],
  },
  github_requests_total: {
    type: "counter",
    help: "Requests to GitHub, by route and status code (0: no answer).",
    labels: ["route", "code"],
  },
  github_rate_limit_remaining: {
    type: "gauge",
    help: "What is left of the primary rate limit, as GitHub said last; the lowest of the installations matters.",
    labels: [],
  },
  argocd_requests_total: {
    type: "counter",
    help: "Requests to Argo CD, by operation and status code (network, timeout: no answer).",
    labels: ["operation", "code"],
  },
  promotions_total: {
    type: "counter",
    help: "Promotions, by environment and result.",
    labels: ["environment", "result"],
  },
  notifications_total: {
    type: "counter",
    help: "Notifications, by kind of target and what became of them.",
    labels: ["target", "result"],
  },
  promotion_stage_seconds: {
    type: "histogram",
    help: "How long a promotion spent in one stage.",
    labels: ["environment", "stage"],
    buckets: stageBuckets,
  },
  gate_blocked_promotions: {
    type: "gauge",
    help: "Promotions that a gate holds at the moment.",
    labels: ["environment", "gate"],
  },
  targets: {
    type: "gauge",
    help: "Targets, by environment and state.",
    labels: ["environment", "state"],
  },
  lead_time_seconds: {
    type: "histogram",
    help: "From the publication of an artifact until it is verified in an environment.",
    labels: ["environment"],
    buckets: stageBuckets,
  },
  freeze_active: {
    type: "gauge",
    help: "1 while an environment is frozen, else 0.",
    labels: ["environment"],
  },
  drifted_targets: {
    type: "gauge",
    help: "Targets that are not as Git wants them: no application, another image, behind their ring.",
    labels: ["environment", "kind"],
  },
  lag_seconds: {
    type: "gauge",
    help: "For how long an environment has not had what the one before it is verified on, 0 where it has.",
    labels: ["environment"],
  },
  policy_valid: {
    type: "gauge",
    help: "1 while every policy that was read last is valid, else 0.",
    labels: [],
  },
  build_info: {
    type: "gauge",
    help: "Always 1; the labels say what runs.",
    labels: ["version", "node"],
  },
};
