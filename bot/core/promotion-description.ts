import type { Artifact } from "./artifact.ts";
import type { GateResult } from "./gate.ts";
import type { Hold } from "./plan-types.ts";
import type { MergePolicy } from "./policy.ts";
import type { SideKind } from "./side-kind.ts";
import type { Stream } from "./target.ts";

/** What the texts of one promotion are made from. */
export type PromotionDescription = {
  readonly id: string;
  readonly stream: Stream;
  /** What it is beside the stream's own promotion; null: that very one. */
  readonly side: SideKind | null;
  readonly artifact: Artifact;
  /** What most of the tenants that move hold today. */
  readonly from: Artifact | null;
  /** Those that move. */
  readonly tenants: readonly string[];
  /** Those that are pinned or excluded, or whose values files Sluice does not touch, each with the reason. */
  readonly untouched?: readonly { readonly tenant: string; readonly sentence: string }[];
  readonly gates: readonly GateResult[];
  readonly holds: readonly Hold[];
  /** `owner/name` of the source repository, for the compare link. */
  readonly source: string | null;
  readonly merge: MergePolicy;
  /** Login of the person who asked for it; null: the policy did. */
  readonly requestedBy: string | null;
  /** Where GitHub's pages are; default `https://github.com`. */
  readonly web?: string;
};
