import { sameArtifact, type Artifact } from "#core/artifact.ts";
import type { PlanInput, Question, StreamState } from "#core/plan-types.ts";
import { findService } from "#core/policy.ts";

import { editKey, editsOf, editTargets } from "./edit-targets.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** About one tree's worth of files, and of characters that are kept: what comes later is edited beside GitHub's work. */
const most = { files: 150, characters: 4_000_000 };

/**
 * While GitHub is asked whether an artifact may come, and is newer, the files are edited that it would change first:
 * for a hundred of them that takes longer than the answer. It ends with the answer; what turns out not to be wanted is
 * dropped with the run.
 */
export async function editAhead(
  context: RepositoryContext,
  revision: string,
  input: Pick<PlanInput, "policy" | "streams" | "candidates">,
  questions: readonly Question[],
  answered: Promise<unknown>,
): Promise<void> {
  let waiting = true;
  const stop = () => {
    waiting = false;
  };
  answered.then(stop, stop);
  for (const [name, artifacts] of input.candidates) {
    const [artifact] = artifacts;
    const service = findService(input.policy, name);
    if (artifact === undefined || service === undefined) continue;
    if (!questions.some((question) => isAbout(question, name, artifact))) continue;
    if (service.values.digest !== null && artifact.digest === null) continue;
    const state = input.streams.find((one) => one.stream.service === name && lacks(one, artifact));
    if (state === undefined) continue;
    const targets = state.targets
      .filter(({ desired }) => desired.kind === "artifact")
      .map(({ target }) => target)
      .slice(0, most.files);
    const { edits, before } = await editTargets(context, service, artifact, targets, revision);
    const wanted = editsOf(service, artifact);
    let characters = 0;
    for (const { path, text } of edits) {
      context.ahead.set(editKey(before[path] ?? "", wanted), { kind: "edited", text });
      characters += text.length;
      if (characters > most.characters) return;
      // After each file whatever else waits has its turn: the question's own way to GitHub, and its answer.
      await turn();
      if (!waiting) return;
    }
  }
}

function isAbout(question: Question, service: string, artifact: Artifact): boolean {
  if (question.kind === "order")
    return question.service === service && sameArtifact(question.to, artifact);
  if (question.kind === "eligible")
    return question.service === service && sameArtifact(question.artifact, artifact);
  return false;
}

/** It may come here as a new promotion, as far as can be told yet. */
function lacks({ open, desired, targets }: StreamState, artifact: Artifact): boolean {
  if (targets.length === 0 || (open !== null && sameArtifact(open.artifact, artifact)))
    return false;
  return !desired.some((one) => sameArtifact(one.artifact, artifact));
}

function turn(): Promise<void> {
  return new Promise((go) => {
    setImmediate(go);
  });
}
