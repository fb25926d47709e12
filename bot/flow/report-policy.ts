import { renderPolicyCheck } from "#core/check-run-policy.ts";

import type { ObservedPolicy } from "./observe-policy.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Says on a commit whether its policy is valid, once for each version of the file: on the default branch's head, where
 * a broken policy pauses promotions, and on pull requests that change it.
 */
export async function reportPolicy(
  context: RepositoryContext,
  revision: string,
  observed: Exclude<ObservedPolicy, { kind: "absent" }>,
): Promise<void> {
  const note = `policy/${observed.blob}`;
  const said = await context.memory.get<{ kind: string }>(note);
  if (said?.kind === observed.kind) return;
  await reportPolicyOn(context, revision, observed);
  await context.memory.set(note, { kind: observed.kind });
}

export async function reportPolicyOn(
  context: RepositoryContext,
  revision: string,
  observed: Exclude<ObservedPolicy, { kind: "absent" }>,
): Promise<void> {
  const problems = observed.kind === "invalid" ? observed.problems : [];
  await context.checkRuns.report({
    ...renderPolicyCheck({ problems }),
    revision,
    name: "sluice/policy",
    externalId: `policy:${observed.blob}`,
  });
}
