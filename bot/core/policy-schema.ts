import { z } from "zod";

import { namePattern } from "./name.ts";
import { notificationKinds } from "./notification.ts";
import { gate } from "./policy-gate-schema.ts";
import { duration, mapping, moment, name, teams, text } from "./policy-schema-parts.ts";

/*
 * The WRITTEN policy: what a person types. Shapes and grammars only; what needs two places to judge is a rule
 * (policy-rules.ts), and what is a default is filled in later (policy-defaults.ts). The JSON Schema is generated from
 * here.
 */

const source = mapping({
  repository: text
    .describe("`owner/name`, of the same installation. Default: the repository of this policy.")
    .optional(),
  branch: text
    .describe("Only revisions that this branch contains are promoted. Default: `main`.")
    .optional(),
  workflow: z
    .string()
    .regex(/^[A-Za-z0-9._-]+\.ya?ml$/, 'no name of a workflow file: write it alone, as in "ci.yml"')
    .describe(
      "File under `.github/workflows`; a successful run is a second witness of the artifact.",
    )
    .optional(),
});

const service = mapping({
  image: text.describe(
    "Registry and repository, lower case, without tag: `ghcr.io/acme/demo-api`.",
  ),
  source: source
    .describe("Where its code lives: for the order `ancestry`, and to mirror check runs.")
    .optional(),
  tags: mapping({
    match: text.describe("Regular expression; a tag that it does not match is ignored."),
    order: z
      .enum(["ancestry", "semver", "published"])
      .describe("How it is known which of two artifacts is newer. Default: `ancestry`.")
      .optional(),
  }),
  values: mapping({
    file: text.describe("Path of a tenant's values file; holds `{tenant}` and `{environment}`."),
    tag: text.describe("Dotted path of the tag in that file: `image.tag`."),
    digest: text.describe("Dotted path of the digest, where it is pinned too.").optional(),
  }),
  application: text.describe("Name of the Argo CD application: `{tenant}-{environment}`."),
});

const tenants = z
  .array(
    z
      .string()
      .regex(
        /^[a-z0-9*-]{1,63}$/,
        'no name or pattern of tenants: write it as in "acme" or "eu-*"',
      ),
  )
  .min(1);
const labelled = mapping({
  label: text.describe("Dotted path in the tenant's values file: `sluice.ring`."),
  is: text,
});

const ring = mapping({
  name,
  tenants: z
    .union([tenants, labelled])
    .describe(
      'Names, patterns with "*", or a label in the values file. A tenant belongs to the first ring that matches.',
    )
    .optional(),
  percent: z
    .int()
    .min(1)
    .max(100)
    .describe(
      "Share of the tenants that no earlier ring took, instead of `tenants`: at least one, always the same ones.",
    )
    .optional(),
  soak: duration.describe("How long the ring before must have been verified.").optional(),
  maxFailures: z
    .int()
    .min(0)
    .describe("Tenants that may fail without the ring having failed. Default: 0.")
    .optional(),
});

const environment = mapping({
  name,
  merge: z
    .enum(["auto", "manual", "queue"])
    .describe(
      "`auto`: Sluice merges when every gate has passed; `manual`: a person does, or writes `/promote`; `queue`: GitHub's merge queue. Default: `manual`.",
    )
    .optional(),
  argocd: name
    .describe("Name of the Argo CD instance in the settings. Default: `default`.")
    .optional(),
  promoters: mapping({
    permission: z
      .enum(["read", "triage", "write", "maintain", "admin"])
      .describe("Least role on this repository. Default: `write`.")
      .optional(),
    teams: teams.optional(),
  })
    .describe("Who may promote into it: one of the two suffices.")
    .optional(),
  gates: z.array(gate).describe("All must pass; `health` always applies.").optional(),
  rings: z.array(ring).min(1).describe("Tenants that move together, in order.").optional(),
  rollout: mapping({
    timeout: duration.describe("Counted from the merge. Default: `15m`.").optional(),
    onFailure: z.enum(["halt", "rollback"]).describe("Default: `halt`.").optional(),
  }).optional(),
  deployments: z
    .boolean()
    .describe(
      "Show rollouts on GitHub's Environments page: two or three more writes each. Default: `true`.",
    )
    .optional(),
  supersede: z
    .enum(["update", "queue", "replace"])
    .describe(
      "What a newer artifact does to an open promotion: `update` it once it could move itself, wait until it is over (`queue`), or close it and open another (`replace`). Default: `update`.",
    )
    .optional(),
});

const freeze = mapping({
  environments: z.array(text).min(1),
  from: moment,
  to: moment,
  reason: text,
  strict: z.boolean().describe("Holds rollbacks too.").optional(),
});

const place = {
  service: text.optional(),
  environment: text.optional(),
  tenants: tenants.describe('Names, or patterns with "*".'),
  reason: text,
};

const exclusion = mapping(place);

const notification = mapping({
  on: z.array(z.enum(notificationKinds)).min(1).describe("What people are told of, once each."),
  environments: z.array(text).min(1).describe("Default: all of them.").optional(),
  slack: mapping({ channel: text })
    .describe("Needs `SLACK_TOKEN`. All of one promotion stands in one message, edited as it goes.")
    .optional(),
  webhook: name
    .describe("Name of an endpoint in the settings: `NOTIFY_WEBHOOK_URL__<NAME>`.")
    .optional(),
});

export const policySchema = mapping({
  version: z.literal(1, 'this Sluice reads version 1: write "version: 1"'),
  services: z
    .record(z.string(), service)
    .refine((services) => Object.keys(services).length > 0, "name at least one service")
    .meta({ minProperties: 1, propertyNames: { pattern: namePattern.source } })
    .describe("The images that are promoted, by name."),
  environments: z.array(environment).min(1).describe("In the order of promotion."),
  freezes: z.array(freeze).describe("Periods without promotions.").optional(),
  pins: z
    .array(mapping({ ...place, tag: text.optional(), digest: text.optional() }))
    .describe("Tenants that stay on an artifact.")
    .optional(),
  excluded: z.array(exclusion).describe("Tenants that Sluice leaves alone.").optional(),
  notifications: z.array(notification).optional(),
}).meta({
  title: "Sluice policy",
  description: "`.github/sluice.yaml` on the default branch of a GitOps repository.",
});

export type WrittenPolicy = z.infer<typeof policySchema>;
export type WrittenService = z.infer<typeof service>;
export type WrittenEnvironment = z.infer<typeof environment>;
export type WrittenGate = z.infer<typeof gate>;
export type WrittenRing = z.infer<typeof ring>;
export type WrittenExclusion = z.infer<typeof exclusion>;
