import { renderPolicyCheck } from "#core/check-run-policy.ts";

import type { ObservedPolicy } from "./observe-policy.ts";
import type { RepositoryContext } from "./repository-context.ts";

type Said = { readonly blob: string; readonly kind: ObservedPolicy["kind"] };

const saidNote = "policy-said";

/**
 * Says on the default branch's head whether its policy is valid, each time that the file changes: a policy that breaks
 * again, or is mended again, is said on the commit that did it.
 */
export async function reportPolicy(
  context: RepositoryContext,
  revision: string,
  observed: Exclude<ObservedPolicy, { kind: "absent" }>,
): Promise<void> {
  const { blob, kind } = observed;
  const said = await context.memory.get<Said>(saidNote);
  if (said?.blob === blob && said.kind === kind) return;
  await reportPolicyOn(context, revision, observed);
  await context.memory.set(saidNote, { blob, kind } satisfies Said);
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
