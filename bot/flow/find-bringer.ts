import { sameArtifact, type Artifact } from "#core/artifact.ts";
import type { ServicePolicy } from "#core/policy.ts";
import { isBranchOf } from "#core/promotion-branch.ts";
import type { Target } from "#core/target.ts";
import type { Commit } from "#ports/github-things.ts";
import type { GitopsRepo } from "#ports/gitops-repo.ts";

import type { ObservedPulls } from "./observe-pull-requests.ts";
import { artifactAt } from "./observe-targets.ts";
import type { BroughtFact, Memory } from "./remember.ts";

/** How far back one look into a file's history goes; older than that counts as "it was always there". */
const historyLimit = 20;

/** What is asked: who brought `artifact` to `sample`, seen from `head`. */
export type BringerQuestion = {
  readonly service: ServicePolicy;
  readonly sample: Target;
  readonly artifact: Artifact;
  readonly head: string;
  /** First parent of `head`: asked of GitHub once for all streams, and only when it is needed. */
  readonly parent: () => Promise<string | null>;
  readonly pulls: ObservedPulls;
};

/**
 * The commit that brought an artifact to where it stands now, and what stood there before: the last change of that
 * one scalar, whoever made it. One target speaks for all that hold the same artifact.
 *
 * An answer stands until a commit touches the file: the same text may go and come back, and then another commit has
 * brought it. A head that has not moved needs no read, the very next commit one for all streams; only after a longer
 * way is a stream's file asked for its history.
 */
export async function findBringer(
  repository: GitopsRepo,
  memory: Memory,
  question: BringerQuestion,
): Promise<BroughtFact> {
  const { artifact, sample } = question;
  const stored = await memory.brought(sample, artifact);
  const known =
    stored?.file === sample.file && sameArtifact(stored.artifact, artifact) ? stored : null;
  const found = await find(repository, question, known);
  const brought = onDefaultBranch({ ...found, artifact }, question);
  if (JSON.stringify(brought) !== JSON.stringify(stored)) await memory.setBrought(sample, brought);
  return brought;
}

async function find(
  repository: GitopsRepo,
  question: BringerQuestion,
  known: BroughtFact | null,
): Promise<BroughtFact> {
  const { sample, head } = question;
  if (known?.head === head) return known;
  const blob = (await repository.files(head)).get(sample.file)?.sha ?? "";
  // Over more than one commit, equal blobs would not tell that nothing has happened in between.
  if (known?.blob === blob && (await question.parent()) === known.head) return { ...known, head };
  return readHistory(repository, question, blob, known);
}

async function readHistory(
  repository: GitopsRepo,
  { service, sample, artifact, head, pulls }: BringerQuestion,
  blob: string,
  known: BroughtFact | null,
): Promise<BroughtFact> {
  const touching = await repository.commitsTouching(sample.file, head, historyLimit);
  const newest = touching[0] ?? (await repository.commit(head));
  const seen = { artifact, file: sample.file, blob, head, touched: newest.revision };
  const broughtBy = (commit: Commit, previous: Artifact | null): BroughtFact => ({
    ...seen,
    commit: commit.revision,
    at: commit.at.toISOString(),
    mergedAt: null,
    previous,
  });
  let bringer = newest;
  for (const commit of touching) {
    const names = [commit.revision, mergeOf(commit.revision, pulls)?.mergeRevision];
    if (known !== null && names.includes(known.touched)) return { ...known, ...seen };
    const held =
      commit === newest ? artifact : await artifactAt(repository, service, sample, commit.revision);
    if (held === null || !sameArtifact(held, artifact)) return broughtBy(bringer, held);
    bringer = commit;
  }
  return broughtBy(bringer, null);
}

/**
 * A pull request's last commit stands for its merge: that is the commit that people see on the default branch, and its
 * time is the one that counts. A merge from before Sluice's first promotion there was not watched.
 */
function onDefaultBranch(found: BroughtFact, { sample, pulls }: BringerQuestion): BroughtFact {
  const pull = mergeOf(found.commit, pulls);
  const { mergeRevision, mergedAt } = pull ?? { mergeRevision: null, mergedAt: null };
  const isMerge = mergeRevision !== null && mergedAt !== null;
  const time = isMerge ? mergedAt : new Date(found.at);
  // What was seen once stays so: the list of pull requests forgets the oldest.
  const watched =
    (found.watched === true && found.at === time.toISOString()) ||
    pulls.some(
      ({ sameRepository, headBranch, createdAt }) =>
        sameRepository && createdAt <= time && isBranchOf(headBranch, sample),
    );
  if (!isMerge) return { ...found, watched };
  const at = mergedAt.toISOString();
  return { ...found, watched, commit: mergeRevision, at, mergedAt: watched ? at : null };
}

function mergeOf(commit: string, pulls: ObservedPulls) {
  return pulls.find(
    (pull) =>
      pull.mergeRevision !== null &&
      (pull.headRevision === commit || pull.mergeRevision === commit),
  );
}
