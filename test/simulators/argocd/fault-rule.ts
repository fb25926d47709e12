import { z } from "zod";

const when = {
  /** Regular expression on the application's name. */
  app: z.string().optional(),
};

const http = z.strictObject({
  kind: z.literal("http"),
  method: z.string().optional(),
  /** Regular expression on the path with its query. */
  path: z.string().optional(),
  account: z.string().optional(),
  ...when,
  /** Only the nth matching request (1 is the first). */
  nth: z.int().min(1).optional(),
  every: z.int().min(1).optional(),
  probability: z.number().min(0).max(1).optional(),
  from: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
  /** How many matching requests it hits before it is spent. */
  times: z.int().min(1).optional(),
  /** Answered after the request took effect, so that its outcome is unknown to the caller. */
  afterEffect: z.boolean().default(false),
  effect: z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("status"),
      status: z.int(),
      code: z.int().optional(),
      message: z.string().optional(),
      retryAfter: z.int().optional(),
      html: z.boolean().default(false),
    }),
    z.strictObject({ type: z.literal("delay"), ms: z.number() }),
    z.strictObject({ type: z.literal("hang") }),
    z.strictObject({ type: z.literal("reset") }),
    z.strictObject({ type: z.literal("truncate"), bytes: z.int().default(40) }),
    z.strictObject({ type: z.literal("invalidJson") }),
    z.strictObject({ type: z.literal("drip"), bytesPerSecond: z.number().default(100) }),
  ]),
});

const backend = z.strictObject({
  kind: z.literal("backend"),
  k8sDown: z.boolean().optional(),
  controllerDown: z.boolean().optional(),
  repoServerDown: z.boolean().optional(),
  gitDown: z.boolean().optional(),
  redisMiss: z.union([z.enum(["error", "hang"]), z.literal(false)]).optional(),
  informerFrozen: z.boolean().optional(),
  replicas: z.union([z.literal(1), z.literal(2)]).optional(),
  shardPaused: z.array(z.string()).optional(),
});

const stream = z.strictObject({
  kind: z.literal("stream"),
  effect: z.enum(["end", "reset", "stall", "drop", "duplicate", "error"]),
  /** After so many messages of a stream. */
  afterMessages: z.int().min(0).default(0),
  /** For `drop`: how many messages. */
  count: z.int().min(1).default(1),
  times: z.int().min(1).optional(),
});

const sync = z.strictObject({
  kind: z.literal("sync"),
  ...when,
  outcome: z.enum(["failAtApply", "dryRunFail", "hookFail", "errorLoadTarget", "stuckRunning"]),
  resource: z.string().optional(),
  message: z.string().optional(),
  /** How many attempts it hits; left out: all. With `times: 2` and a retry limit it fails twice, then succeeds. */
  times: z.int().min(0).optional(),
});

const workload = z.strictObject({
  kind: z.literal("workload"),
  ...when,
  /** podsHidden: its project does not allow ReplicaSets and Pods, so that Argo CD shows none. */
  outcome: z.enum(["summaryEmpty", "podsHidden", "rewriteImage", "leftoverJobPod", "suspended"]),
  /** rewriteImage: the registry put in front; leftoverJobPod: the old image. */
  image: z.string().optional(),
});

const clock = z.strictObject({ kind: z.literal("clock"), jumpMs: z.number() });

export const FaultRule = z.discriminatedUnion("kind", [
  http,
  backend,
  stream,
  sync,
  workload,
  clock,
]);
export type FaultRule = z.infer<typeof FaultRule>;
export type FaultRuleInput = z.input<typeof FaultRule>;
export type HttpFault = z.infer<typeof http>;
export type StreamFault = z.infer<typeof stream>;
export type SyncFault = z.infer<typeof sync>;
