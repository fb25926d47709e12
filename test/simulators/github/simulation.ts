import type { Deliveries } from "./deliveries.ts";
import type { FaultPlan } from "./faults.ts";
import type { LoggedRequest } from "./http/request-log.ts";
import type { Router } from "./http/router.ts";
import type { RateLimiter } from "./limits.ts";
import type { Registry } from "./oci/registry.ts";
import type { Contract } from "./openapi/contract.ts";
import type { World } from "./state/world.ts";

/** When a request has arrived, nothing done; when it was applied, nothing answered. */
export type Phase = "received" | "applied";

export type RequestLog = {
  entries: LoggedRequest[];
  open: (
    begun: Pick<LoggedRequest, "time" | "method" | "path" | "route" | "userAgent">,
  ) => LoggedRequest;
  close: (entry: LoggedRequest) => void;
};

/** All parts of one running simulator. */
export type Simulation = {
  world: World;
  router: Router;
  faults: FaultPlan;
  limiter: RateLimiter;
  openapi: Contract;
  deliveries: Deliveries;
  registry: Registry;
  log: RequestLog;
  latency: { ms: number };
  /** Tests look in here, for instance to kill a client between two phases. */
  intercept: (phase: Phase, request: LoggedRequest) => Promise<void>;
  pauseListening: (milliseconds: number) => void;
  /** A defect of the simulator itself: answered 500 and kept, so that no test passes over it. */
  unexpected: (error: unknown) => void;
};
