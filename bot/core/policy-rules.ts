import { environmentRules } from "./policy-rules/environment-rules.ts";
import { gateRules } from "./policy-rules/gate-rules.ts";
import { referenceRules } from "./policy-rules/reference-rules.ts";
import { eachEnvironment, eachService, type Rule } from "./policy-rules/rule.ts";
import { serviceRules } from "./policy-rules/service-rules.ts";
import { sourceRules } from "./policy-rules/source-rules.ts";
import { windowRules } from "./policy-rules/window-rules.ts";

/** What a policy must fulfil beyond its shape. */
export const rules: readonly Rule[] = [
  ...serviceRules,
  ...environmentRules,
  ...gateRules,
  ...windowRules,
  ...sourceRules,
  ...referenceRules,
];

const patternsAreAnchored = eachService(function* patternsAreAnchored({ tags }, path) {
  const { match } = tags ?? {};
  if (match === undefined || (match.startsWith("^") && match.endsWith("$"))) return;
  const sentence = `the pattern matches anywhere within a tag: write "^" and "$" around it to match the whole`;
  yield { path: [...path, "tags", "match"], sentence };
});

const promotersMayWrite = eachEnvironment(function* promotersMayWrite({ promoters }, path) {
  const { permission } = promoters ?? {};
  if (permission !== "read" && permission !== "triage") return;
  const sentence = `whoever may ${permission} this repository may promote: write "write" or more to restrict it`;
  yield { path: [...path, "promoters", "permission"], sentence };
});

/** What is allowed and probably not meant. */
export const warnings: readonly Rule[] = [patternsAreAnchored, promotersMayWrite];
