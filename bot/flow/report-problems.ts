import { renderTargetProblemsCheck } from "#core/check-run-policy.ts";
import type { StreamState } from "#core/plan-types.ts";

import type { ObservedTargets } from "./observe-targets.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Names every values file that cannot be read or edited safely, with path and reason, on the default branch's head:
 * the other tenants go on without it, and somebody has to know. Said once for each set of problems.
 */
export async function reportProblems(
  context: RepositoryContext,
  head: string,
  states: readonly StreamState[],
  problems: ObservedTargets["problems"],
): Promise<void> {
  const refused = states.flatMap(({ targets }) =>
    targets.flatMap(({ target, desired }) =>
      desired.kind === "refused" ? [{ file: target.file, sentence: desired.refusal.sentence }] : [],
    ),
  );
  const all = [...refused, ...problems].sort((one, other) => (one.file < other.file ? -1 : 1));
  const said = JSON.stringify(all);
  const note = "target-problems";
  const before = await context.memory.get<{ said: string }>(note);
  if ((before?.said ?? "[]") === said) return;
  await context.checkRuns.report({
    ...renderTargetProblemsCheck({ problems: all }),
    revision: head,
    name: "sluice/policy",
    externalId: "targets",
  });
  await context.memory.set(note, { said });
}
