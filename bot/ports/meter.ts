/** What Sluice counts. Names without the prefix `sluice_`; `bot/README.md` lists them with their labels. */
export interface Meter {
  count(name: CounterName, labels: Readonly<Record<string, string>>, by?: number): void;
  observe(name: HistogramName, labels: Readonly<Record<string, string>>, seconds: number): void;
  set(name: GaugeName, labels: Readonly<Record<string, string>>, value: number): void;
  /** Forgets every series of a gauge, before it is set anew from a whole observation. */
  reset(name: GaugeName): void;
}

export type CounterName =
  | "webhook_deliveries_total"
  | "jobs_total"
  | "github_requests_total"
  | "argocd_requests_total"
  | "promotions_total"
  | "notifications_total";

export type HistogramName =
  | "webhook_duration_seconds"
  | "job_duration_seconds"
  | "promotion_stage_seconds"
  | "lead_time_seconds";

export type GaugeName =
  | "queue_jobs"
  | "queue_oldest_waiting_seconds"
  | "github_rate_limit_remaining"
  | "gate_blocked_promotions"
  | "targets"
  | "freeze_active"
  | "drifted_targets"
  | "lag_seconds"
  | "policy_valid"
  | "build_info";
