import type { Artifact } from "#core/artifact.ts";
import type { Stream } from "#core/target.ts";

import type { SideRequest } from "./request-side-promotion.ts";

/**
 * What one comment was taken for. Decided once, by what was there when it was written, and stored before it is carried
 * out: whoever runs the comment again carries out the same. Plain JSON, as it is remembered.
 */
export type CommandDecision = CommandMeaning & {
  /** The command's name for the log; null where it was not understood. */
  readonly command: string | null;
};

export type CommandMeaning = {
  /** Null: there is nothing to do but to answer. */
  readonly deed: CommandDeed | null;
  readonly reaction: "rocket" | "confused" | "-1";
  readonly reply: string | null;
};

export type CommandDeed =
  | { readonly kind: "consent"; readonly pull: number; readonly head: string }
  | {
      readonly kind: "approve";
      readonly pull: number;
      readonly head: string;
      /** The gate's name in the policy. */
      readonly gate: string;
    }
  | {
      readonly kind: "resume";
      readonly environment: string;
      readonly services: readonly string[];
      /** Every service of the environment was meant. */
      readonly everything: boolean;
    }
  | {
      readonly kind: "stop";
      readonly stop:
        | {
            readonly kind: "hold";
            readonly environment: string;
            readonly service: string | null;
            readonly reason: string;
          }
        | {
            readonly kind: "freeze";
            readonly environment: string;
            /** ISO 8601. */
            readonly until: string | null;
            readonly reason: string;
          };
    }
  | { readonly kind: "unfreeze"; readonly environment: string }
  | { readonly kind: "retry"; readonly retry: Retry }
  | { readonly kind: "retry-load"; readonly retry: LoadRetry }
  /** Promotions beside the streams' own ones that are to be opened. */
  | {
      readonly kind: "side";
      readonly requests: readonly SideRequest[];
      /** Open promotions of the streams that bring the same already. */
      readonly consents?: readonly { readonly pull: number; readonly head: string }[];
    };

/** One failed verdict that is to be forgotten, so that its rollout is judged once more. */
export type Retry = {
  readonly stream: Stream;
  readonly artifact: Artifact;
  readonly commit: string;
  /** When that verdict was given, ISO 8601: a later one is another. */
  readonly judgedAt: string;
  /** When the retry was asked for, ISO 8601: it names the new attempt. */
  readonly at: string;
};

/** Load tests of one head that are to be forgotten, so that the service is driven once more. */
export type LoadRetry = {
  readonly head: string;
  /** ISO 8601: what was over later is not meant. */
  readonly until: string;
};
