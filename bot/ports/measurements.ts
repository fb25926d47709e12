import type { Measurement } from "#core/measurement.ts";

/** Numbers about what runs, read only: Prometheus. */
export interface Measurements {
  /** One number, as of now, by a query in PromQL. Whatever is no number is an answer with its reason, never an error. */
  measure(query: string, signal?: AbortSignal): Promise<Measurement>;
}
