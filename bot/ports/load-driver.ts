import type { LoadFigures, LoadOrder } from "#core/load.ts";

/** Which service, as the setting LOAD_URL_TEMPLATE finds it. */
export type LoadPlace = {
  readonly tenant: string;
  readonly environment: string;
  readonly service: string;
};

/** Drives a service with requests, as many as it bears. */
export interface LoadDriver {
  /** Does a setting say where services are? */
  readonly configured: boolean;
  /**
   * Over after warm-up and duration. Requests that fail are counted and end nothing. Throws when aborted, and where
   * nothing is configured.
   */
  drive(place: LoadPlace, order: LoadOrder, signal: AbortSignal): Promise<DrivenFigures>;
}

/** What the requests themselves tell. */
export type DrivenFigures = Omit<LoadFigures, "cpu" | "memory" | "network" | "pods">;
