import { git as gitProcess } from "../git/process.ts";
import { ZERO_SHA } from "../git/refs.ts";
import type { Work } from "../http/context.ts";
import type { Pull, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { emit } from "./emit.ts";
import { renderPullNow } from "./pull-facts.ts";

type Move = { before: string; after: string };

function openPulls(work: Work, test: (pull: Pull) => boolean): Pull[] {
  const { pulls, issues } = work.world.tables;
  return pulls.filter((pull) => issues.need(pull.issueId).state === "open" && test(pull));
}

/** Tells a `pull_request` event with the pull request as it is now. */
export async function tellPull(
  work: Work,
  repository: Repository,
  pullId: number,
  action: string,
  extra: Record<string, unknown> = {},
): Promise<void> {
  const pull = work.world.tables.pulls.need(pullId);
  emit(work, { event: "pull_request", action }, repository, {
    number: pull.number,
    pull_request: await renderPullNow(work.world, repository, pull),
    ...extra,
  });
}

/** Closes a pull request, unmerged unless `merged` says by which commit. */
export async function closePull(
  work: Work,
  repository: Repository,
  pull: Pull,
  merged?: { sha: string },
): Promise<void> {
  const { world, actor } = work;
  const now = world.date();
  world.tables.issues.update(pull.issueId, {
    state: "closed",
    closedAt: now,
    updatedAt: now,
    closedById: actor.account.id,
  });
  const base = world.git(repository).refs.get(`refs/heads/${pull.baseRef}`);
  world.tables.pulls.update(pull.id, {
    mergeable: null,
    ...(merged === undefined
      ? { baseSha: base ?? pull.baseSha }
      : { mergedAt: now, mergedById: actor.account.id, mergeCommitSha: merged.sha }),
  });
  await tellPull(work, repository, pull.id, "closed");
}

/** The head of open pull requests moves with its branch; gone, or brought back to the base, it closes them. */
export async function followHead(
  work: Work,
  repository: Repository,
  branch: string,
  { before, after }: Move,
): Promise<void> {
  const { world } = work;
  const affected = openPulls(
    work,
    (pull) => pull.headRepositoryId === repository.id && pull.headRef === branch,
  );
  for (const pull of affected) {
    const base = world.tables.repositories.need(pull.repositoryId);
    if (after === ZERO_SHA) {
      await closePull(work, base, pull);
      continue;
    }
    const git = world.git(base);
    await trackHead(world, base, pull.number, repository, after);
    const tip = git.refs.get(`refs/heads/${pull.baseRef}`) ?? pull.baseSha;
    const contained = await git.isAncestor(after, tip);
    world.tables.pulls.update(pull.id, { headSha: after, baseSha: tip, mergeable: null });
    world.tables.issues.update(pull.issueId, { updatedAt: world.date() });
    if (contained) {
      await closePull(work, base, world.tables.pulls.need(pull.id));
      continue;
    }
    if (base.protection[pull.baseRef]?.dismissStaleReviews === true) dismissApprovals(work, pull);
    await tellPull(work, base, pull.id, "synchronize", { before, after });
  }
}

/** Keeps `refs/pull/{number}/head` of the base, fetching what only a fork has. */
export async function trackHead(
  world: World,
  base: Repository,
  number: number,
  head: Repository,
  sha: string,
): Promise<void> {
  const git = world.git(base);
  if (head.id !== base.id) {
    await gitProcess(git.directory, ["fetch", "--quiet", world.git(head).directory, sha]);
  }
  await git.refs.update([{ ref: `refs/pull/${number}/head`, after: sha }]);
}

function dismissApprovals({ world }: Work, pull: Pull): void {
  const { reviews } = world.tables;
  for (const review of reviews.filter(
    (row) => row.pullId === pull.id && row.state === "APPROVED",
  )) {
    reviews.update(review.id, { state: "DISMISSED" });
  }
}

/** A base that moved makes mergeability unknown; a base that now contains a head has merged it. */
export async function followBase(
  work: Work,
  repository: Repository,
  branch: string,
  { after }: Move,
): Promise<void> {
  const { world } = work;
  const affected = openPulls(
    work,
    (pull) => pull.repositoryId === repository.id && pull.baseRef === branch,
  );
  for (const pull of affected) {
    if (after === ZERO_SHA) {
      await closePull(work, repository, pull);
      continue;
    }
    world.tables.pulls.update(pull.id, { mergeable: null });
    if (await world.git(repository).isAncestor(pull.headSha, after)) {
      await closePull(work, repository, pull, { sha: after });
    }
  }
}
