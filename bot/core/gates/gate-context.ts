import type { Artifact } from "../artifact.ts";
import type { Freeze } from "../freeze.ts";
import type { GateResult } from "../gate.ts";
import type { Answer, Consent, OpenPromotion, Order, Question } from "../plan-types.ts";
import type { EnvironmentPolicy, RingPolicy, ServicePolicy } from "../policy.ts";
import type { Upstream, Verification } from "../verification.ts";

/** Everything that a gate may look at. */
export type GateContext = {
  readonly now: Date;
  readonly service: ServicePolicy;
  readonly environment: EnvironmentPolicy;
  readonly ring: RingPolicy;
  readonly artifact: Artifact;
  /** Environments before, in order, then rings before; empty for the first ring of the first environment. */
  readonly upstream: readonly (Upstream & { readonly verification: Verification })[];
  /** The distinct artifacts that targets hold today, and how this one relates to each; null: not known yet. */
  readonly relations: readonly { readonly from: Artifact; readonly order: Order | null }[];
  /** Why this artifact may not enter the stream at all. */
  readonly bar: Bar | null;
  /** Somebody's `/promote` of exactly this head. */
  readonly consent: Consent | null;
  /** The open pull request, while its head is exactly what this plan wants: what was said of it counts. */
  readonly open: OpenPromotion | null;
  /** Of all environments, also those that come later. */
  readonly freezes: readonly Freeze[];
  /** Names of the Argo CD instances that the settings configure. */
  readonly deployers: readonly string[];
  readonly answers: ReadonlyMap<string, Answer>;
};

/** Why an artifact stays out of a stream. */
export type Bar = {
  /** `pending`: it could not be found out yet. */
  readonly status: "pending" | "failed";
  readonly reason: string;
  readonly sentence: string;
  readonly remedy?: string;
};

/** A condition either knows, or names every question that it needs answered first. */
export type Judgement = GateResult | readonly Question[];

/** One named condition, or one that a policy may write several times: each of those is judged for itself. */
export type Gate = {
  readonly name: string;
  /** Gates that do not apply are not listed at all. */
  readonly applies: (context: GateContext) => boolean;
} & (
  | { readonly judge: (context: GateContext) => Judgement }
  | { readonly judgeEach: (context: GateContext) => readonly Judgement[] }
);
