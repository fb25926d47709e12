import type { Artifact } from "#core/artifact.ts";
import { renderNoWayBack, renderRolledBack, rollbackMarker } from "#core/comment-rollback.ts";
import type { DesiredArtifact, NoWayBack } from "#core/plan-types.ts";
import { streamKey, type Stream } from "#core/target.ts";

import type { ObservedPulls } from "./observe-pull-requests.ts";
import type { RepositoryContext } from "./repository-context.ts";

/** Says on the promotion whose rollout failed by which pull request the policy takes it back. */
export async function tellRollback(
  context: RepositoryContext,
  pulls: ObservedPulls,
  stream: Stream,
  rollback: { failed: DesiredArtifact; artifact: Artifact; number: number },
): Promise<void> {
  const { failed, artifact, number } = rollback;
  const said = `#${number}`;
  const marker = rollbackMarker;
  const { environment } = stream;
  await tell(context, pulls, stream, failed, said, () =>
    renderRolledBack({ failed: failed.artifact, artifact, environment, number, marker }),
  );
}

/** Says on the promotion whose rollout failed why nothing is taken back. */
export async function tellNoWayBack(
  context: RepositoryContext,
  pulls: ObservedPulls,
  stream: Stream,
  { failed, sentence }: NoWayBack,
): Promise<void> {
  const marker = rollbackMarker;
  await tell(context, pulls, stream, failed, sentence, () =>
    renderNoWayBack({ failed: failed.artifact, sentence, marker }),
  );
}

/** Once for each thing to say: the comment is edited in place. */
async function tell(
  { conversation, memory }: RepositoryContext,
  pulls: ObservedPulls,
  stream: Stream,
  failed: DesiredArtifact,
  said: string,
  render: () => string,
): Promise<void> {
  const brought = pulls.find(({ mergeRevision }) => mergeRevision === failed.commit);
  if (brought === undefined) return;
  const note = `rollback-told/${streamKey(stream)}/${failed.commit}`;
  if ((await memory.get<{ said: string }>(note))?.said === said) return;
  await conversation.stick(brought.number, rollbackMarker, render());
  await memory.set(note, { said });
}
