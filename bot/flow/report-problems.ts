import { renderTargetProblemsCheck } from "#core/check-run-policy.ts";

import type { Planned } from "./plan-repository.ts";
import type { RepositoryContext } from "./repository-context.ts";

/**
 * Names every values file that cannot be read or edited safely, with path and reason, on the default branch's head:
 * the other tenants go on without it, and somebody has to know. Files that a service is not in are listed, too. Said
 * once for each set of them.
 */
export async function reportProblems(
  context: RepositoryContext,
  { policy, head, states, problems, without }: Planned,
): Promise<void> {
  const refused = states.flatMap(({ targets }) =>
    targets.flatMap(({ target, desired }) =>
      desired.kind === "refused" ? [{ file: target.file, sentence: desired.refusal.sentence }] : [],
    ),
  );
  const all = [...refused, ...problems].sort((one, other) => (one.file < other.file ? -1 : 1));
  const absent = policy.services.flatMap(({ name, values }) => {
    const files = without.filter(({ service }) => service === name).map(({ file }) => file);
    const held = states.some(
      ({ stream, targets, staying = [] }) =>
        stream.service === name && targets.length + staying.length > 0,
    );
    return files.length === 0 && held
      ? []
      : [{ service: name, values, anywhere: held, files: files.toSorted() }];
  });
  const said = JSON.stringify(absent.length === 0 ? all : [all, absent]);
  const note = "target-problems";
  const before = await context.memory.get<{ said: string }>(note);
  if ((before?.said ?? "[]") === said) return;
  await context.checkRuns.report({
    ...renderTargetProblemsCheck({ problems: all, absent }),
    revision: head.revision,
    name: "sluice/policy",
    externalId: "targets",
  });
  await context.memory.set(note, { said });
}
