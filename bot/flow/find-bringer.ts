import { sameArtifact, type Artifact } from "#core/artifact.ts";
import type { ServicePolicy } from "#core/policy.ts";
import type { Target } from "#core/target.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import type { ObservedPulls } from "./observe-pull-requests.ts";
import { artifactAt } from "./observe-targets.ts";
import type { BroughtFact, Memory } from "./remember.ts";

/** How far back one look into a file's history goes; older than that counts as "it was always there". */
const historyLimit = 20;

/**
 * The commit that brought an artifact to where it stands now, and what stood there before: the last change of that
 * one scalar, whoever made it. One target speaks for all that hold the same artifact.
 *
 * Remembered until the file, or the list of merged promotions, says that something has moved.
 */
export async function findBringer(
  repository: GitopsRepo,
  memory: Memory,
  options: {
    service: ServicePolicy;
    sample: Target;
    artifact: Artifact;
    head: string;
    pulls: ObservedPulls;
  },
): Promise<BroughtFact> {
  const { artifact, sample, pulls, head } = options;
  const blob = (await repository.files(head)).get(sample.file)?.sha ?? "";
  const known = await memory.brought(sample, artifact);
  if (known !== null && stillTrue(known, { artifact, sample, blob, pulls })) return known;
  const found = await walkHistory(repository, options);
  const brought: BroughtFact = {
    artifact,
    commit: onDefaultBranch(found.commit, pulls),
    at: found.at.toISOString(),
    previous: found.previous,
    sampleBlob: blob,
  };
  await memory.setBrought(sample, brought);
  return brought;
}

function stillTrue(
  known: BroughtFact,
  now: { artifact: Artifact; sample: Target; blob: string; pulls: ObservedPulls },
): boolean {
  if (!sameArtifact(known.artifact, now.artifact)) return false;
  const newerMerge = now.pulls.some(
    (pull) =>
      pull.headBranch ===
        `sluice/${now.sample.environment}/${now.sample.service}/${now.sample.ring}` &&
      pull.mergeRevision !== null &&
      pull.mergeRevision !== known.commit &&
      pull.mergedAt !== null &&
      pull.mergedAt.getTime() > Date.parse(known.at),
  );
  // Where the file changed around the scalar, only its history can tell that the scalar stayed all the time.
  return !newerMerge && known.sampleBlob === now.blob;
}

async function walkHistory(
  repository: GitopsRepo,
  options: { service: ServicePolicy; sample: Target; artifact: Artifact; head: string },
): Promise<{ commit: string; at: Date; previous: Artifact | null }> {
  const { service, sample, artifact, head } = options;
  const history = await repository.commitsTouching(sample.file, head, historyLimit);
  const newest = history[0] ?? (await repository.commit(head));
  let bringer = newest;
  for (const older of history.slice(1)) {
    const held = await artifactAt(repository, service, sample, older.revision);
    if (held === null || !sameArtifact(held, artifact))
      return { commit: bringer.revision, at: bringer.at, previous: held };
    bringer = older;
  }
  return { commit: bringer.revision, at: bringer.at, previous: null };
}

/** A pull request's last commit stands for its merge: that is the commit that people see on the default branch. */
function onDefaultBranch(commit: string, pulls: ObservedPulls): string {
  const merged = pulls.find((pull) => pull.headRevision === commit && pull.mergeRevision !== null);
  return merged?.mergeRevision ?? commit;
}
