import type { Window } from "./window.ts";

/** The gates that are written in the policy; `health`, `deployer`, `order` and `freeze` always apply. */
export type GatePolicy =
  | { readonly kind: "soak"; readonly forMs: number }
  | { readonly kind: "checks"; readonly names: readonly string[] }
  | ApprovalsPolicy
  | WindowPolicy
  | MetricPolicy
  | ErrorBudgetPolicy
  | LoadPolicy
  | ImagePolicy
  | ManualPolicy;

/** Who may say something; both empty: whoever may promote into the environment. */
export type Approvers = {
  /** Slugs of the repository owner's teams. */
  readonly teams: readonly string[];
  /** Logins. */
  readonly people: readonly string[];
};

export type ApprovalsPolicy = Approvers & {
  readonly kind: "approvals";
  readonly count: number;
  /** Whoever asked for the promotion does not count. */
  readonly distinct: boolean;
};

/** Open while one of those that allow is (or there is none), and none of those that deny. */
export type WindowPolicy = { readonly kind: "window"; readonly windows: readonly Window[] };

export type MetricPolicy = {
  readonly kind: "metric";
  /** What it measures, for people. */
  readonly name: string;
  /** PromQL, placeholders included (`measurement.ts`). */
  readonly query: string;
  readonly max: number | null;
  readonly min: number | null;
  /** What stands before the ring, or the ring itself after the merge. */
  readonly over: "upstream" | "ring";
};

export type ErrorBudgetPolicy = {
  readonly kind: "error-budget";
  /** Share of requests that must be good, between 0 and 1. */
  readonly target: number;
  readonly windowMs: number;
  /** PromQL, placeholders included: the share of requests that were bad over the window. */
  readonly query: string;
};

export type LoadPolicy = {
  readonly kind: "load";
  readonly durationMs: number;
  /** Before that, without counting. */
  readonly warmUpMs: number;
  /** Requests at once. */
  readonly connections: number;
  /** Called in random order. */
  readonly paths: readonly string[];
  /** By names of `LoadFigures`, in their units. */
  readonly max: Readonly<Partial<Record<LoadMaximum, number>>>;
  readonly min: Readonly<Partial<Record<"successRate" | "requestsPerSecond", number>>>;
};

export type LoadMaximum = "average" | "p50" | "p90" | "p95" | "p99" | "maximum" | "cpu" | "memory";

export type ImagePolicy = {
  readonly kind: "image";
  /** Null: any tag but `latest`. */
  readonly match: RegExp | null;
  /** The digest must be known. */
  readonly digest: boolean;
  /** The workflow that must have attested the digest (`attestation.ts`); absent: none. */
  readonly attestation?: string;
};

/** A person says `/approve <name>`. */
export type ManualPolicy = Approvers & { readonly kind: "manual"; readonly name: string };

/** The written gates of one kind, in the order in which they are written. */
export function gatesOf<Kind extends GatePolicy["kind"]>(
  { gates }: { readonly gates: readonly GatePolicy[] },
  kind: Kind,
): readonly Extract<GatePolicy, { kind: Kind }>[] {
  return gates.filter((gate): gate is Extract<GatePolicy, { kind: Kind }> => gate.kind === kind);
}
