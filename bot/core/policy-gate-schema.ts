import { z } from "zod";

import { workflowPattern } from "./attestation.ts";
import {
  duration,
  endOfDay,
  mapping,
  name,
  people,
  share,
  teams,
  text,
  timeOfDay,
} from "./policy-schema-parts.ts";

const window = mapping({
  effect: z.enum(["allow", "deny"]).describe("Default: `allow`.").optional(),
  days: z.array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])).min(1),
  from: timeOfDay,
  to: endOfDay.describe(
    "Before `from`: the window reaches into the next day. `24:00`: the end of the day.",
  ),
  timezone: text.describe("IANA name: `Europe/Berlin`."),
});

const approvals = mapping({
  count: z.int().min(1).max(10),
  teams: teams.optional(),
  people: people.optional(),
  distinct: z
    .boolean()
    .describe(
      "Whoever asked for the promotion does not count: whose command opened it, else who wrote /promote first.",
    )
    .optional(),
});

const metric = mapping({
  name: text.describe("What it measures, for people: `error rate`."),
  query: text.describe(
    "PromQL with one number as its answer; no data is not success. `$environment`, `$service` and `$tenants` (for `=~`) stand for what is measured.",
  ),
  max: z.number().optional(),
  min: z.number().optional(),
  over: z
    .enum(["upstream", "ring"])
    .describe(
      "What comes before, ahead of the merge; or this ring after it, once it is healthy and before it is verified. Default: `upstream`.",
    )
    .optional(),
});

const errorBudget = mapping({
  target: share.describe("Share of requests that must be good: `0.999`."),
  window: duration,
  query: text.describe(
    "PromQL: the share of requests that were bad, between 0 and 1. `$environment` and `$window` stand for this environment and the window.",
  ),
});

const load = mapping({
  duration,
  warmUp: duration.optional(),
  connections: z.int().min(1).max(1000).optional(),
  paths: z.array(text).min(1).describe("Paths, called in random order."),
  max: mapping({
    average: z.number().optional(),
    p50: z.number().optional(),
    p90: z.number().optional(),
    p95: z.number().optional(),
    p99: z.number().optional(),
    maximum: z.number().optional(),
    cpu: z.number().describe("Cores.").optional(),
    memory: z.number().describe("Bytes.").optional(),
  })
    .describe("Latencies in seconds.")
    .optional(),
  min: mapping({
    successRate: share.optional(),
    requestsPerSecond: z.number().optional(),
  }).optional(),
});

const image = mapping({
  match: text.describe("Regular expression that the tag must match.").optional(),
  digest: z.boolean().describe("The digest must be known.").optional(),
  attestation: mapping({
    workflow: text
      .regex(
        workflowPattern,
        'no workflow: write its path, as in ".github/workflows/ci.yml" or "acme/demo-api/.github/workflows/ci.yml@refs/heads/main"',
      )
      .describe(
        "The workflow that must have signed: `acme/demo-api/.github/workflows/ci.yml`. Without a repository: one of each service's source repository; without `@refs/…`: run from its source branch.",
      ),
  })
    .describe("GitHub must keep an attestation of the digest's provenance, signed by a workflow.")
    .optional(),
});

const manual = mapping({
  name: name.describe("What is written after `/approve`."),
  teams: teams.optional(),
  people: people.optional(),
});

/** One gate: exactly one of the keys. */
export const gate = mapping({
  soak: duration.describe("How long the artifact must have been verified upstream.").optional(),
  checks: z
    .array(text)
    .min(1)
    .describe("Check runs or statuses that must be green on the source commit.")
    .optional(),
  approvals: z
    .union([z.int().min(1).max(10), approvals])
    .describe("How many people must approve.")
    .optional(),
  window: z
    .union([window, z.array(window).min(1)])
    .describe("When it may be merged.")
    .optional(),
  metric: metric.describe("A number from Prometheus.").optional(),
  "error-budget": errorBudget
    .describe("Freezes the environment while its error budget is spent.")
    .optional(),
  load: load.describe("A load test of the verified upstream service.").optional(),
  image: image.describe("What the image itself must fulfil.").optional(),
  manual: manual.describe("A person says `/approve <name>`.").optional(),
}).meta({ minProperties: 1, maxProperties: 1 });
