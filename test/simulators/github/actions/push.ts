import { ZERO_SHA } from "../git/refs.ts";
import type { RefUpdate, RefUpdateOutcome } from "../git/refs.ts";
import type { Work } from "../http/context.ts";
import { renderOrganization } from "../render/account.ts";
import { noreplyAddress, renderPayloadCommit } from "../render/commit.ts";
import { renderPayloadRepository, repositoryPage } from "../render/repository.ts";
import { ownerOf } from "../state/find.ts";
import type { Repository } from "../state/records.ts";
import { emit } from "./emit.ts";
import { followBase, followHead } from "./pull-follow.ts";
import { requestSuites } from "./suites.ts";

export type Moved = { ref: string; before: string; after: string };

/** GitHub lists no more commits than this in one push payload. */
const MOST_COMMITS = 2_048;

/** Moves refs, all or none, and lets everything that hangs on them follow. */
export async function moveRefs(
  work: Work,
  repository: Repository,
  updates: RefUpdate[],
): Promise<RefUpdateOutcome> {
  const git = work.world.git(repository);
  const before = updates.map(({ ref }) => git.refs.get(ref) ?? ZERO_SHA);
  const outcome = await git.refs.update(updates);
  if (!outcome.ok) return outcome;
  const moved = updates
    .map(({ ref, after }, index) => ({ ref, after, before: before[index] ?? ZERO_SHA }))
    .filter((move) => move.before !== move.after);
  await followRefs(work, repository, moved);
  return outcome;
}

/** Events and consequences of refs that have moved already, by whatever way. */
export async function followRefs(
  work: Work,
  repository: Repository,
  moved: Moved[],
): Promise<void> {
  const { world } = work;
  if (moved.length === 0) return;
  world.tables.repositories.update(repository.id, { pushedAt: world.date() });
  const tags = moved.filter(({ ref }) => ref.startsWith("refs/tags/"));
  for (const move of moved) {
    const branch = move.ref.startsWith("refs/heads/");
    const tag = move.ref.startsWith("refs/tags/");
    if (!branch && !tag) continue;
    // GitHub tells nothing of a push of more than three tags.
    if (tag && tags.length > 3) continue;
    await tellPush(work, repository, move);
  }
  for (const move of moved.filter(({ ref }) => ref.startsWith("refs/heads/"))) {
    const name = move.ref.slice("refs/heads/".length);
    if (move.after !== ZERO_SHA) await requestSuites(work, repository, name, move);
    await followHead(work, repository, name, move);
    await followBase(work, repository, name, move);
  }
}

async function tellPush(work: Work, repository: Repository, move: Moved): Promise<void> {
  const { world, actor } = work;
  const { ref, before, after } = move;
  const name = ref.replace(/^refs\/(heads|tags)\//u, "");
  const type = ref.startsWith("refs/tags/") ? "tag" : "branch";
  const common = { ref: name, ref_type: type, full_ref: ref, pusher_type: "user" };
  if (before === ZERO_SHA) {
    emit(work, { event: "create", action: null }, repository, {
      ...common,
      master_branch: repository.defaultBranch,
      description: repository.description,
    });
  }
  if (after === ZERO_SHA) emit(work, { event: "delete", action: null }, repository, common);
  const pushed = await pushedCommits(work, repository, move);
  const page = repositoryPage(world, repository);
  const current = world.tables.repositories.need(repository.id);
  const owner = ownerOf(world, repository);
  emit(work, { event: "push", action: null }, repository, {
    ref,
    before,
    after,
    repository: {
      ...renderPayloadRepository(world, current),
      // Seconds since 1970 here and only here.
      created_at: Math.floor(Date.parse(current.createdAt) / 1000),
      pushed_at: Math.floor(world.now() / 1000),
      stargazers: 0,
      master_branch: current.defaultBranch,
      ...(owner.type === "Organization" ? { organization: owner.login } : {}),
    },
    ...(owner.type === "Organization" ? { organization: renderOrganization(world, owner) } : {}),
    pusher: { name: actor.account.login, email: noreplyAddress(actor.account) },
    created: before === ZERO_SHA,
    deleted: after === ZERO_SHA,
    forced: pushed.forced,
    base_ref: null,
    compare: comparePage(page, move),
    commits: pushed.commits,
    head_commit: pushed.head,
  });
}

function comparePage(page: string, { ref, before, after }: Moved): string {
  if (before === ZERO_SHA) return `${page}/compare/${ref.replace(/^refs\/(heads|tags)\//u, "")}`;
  return `${page}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`;
}

async function pushedCommits(
  { world }: Work,
  repository: Repository,
  { ref, before, after }: Moved,
): Promise<{ forced: boolean; commits: unknown[]; head: unknown }> {
  if (after === ZERO_SHA) return { forced: false, commits: [], head: null };
  const git = world.git(repository);
  const tip = (await git.resolveCommit(ref)) ?? after;
  const known =
    before === ZERO_SHA ? git.refs.get(`refs/heads/${repository.defaultBranch}`) : before;
  const forced = before !== ZERO_SHA && !(await git.isAncestor(before, tip));
  const isDefault = ref === `refs/heads/${repository.defaultBranch}`;
  const exclude = before === ZERO_SHA && isDefault ? undefined : known;
  const shas = (await git.commitsBetween(exclude, tip)).slice(0, MOST_COMMITS).toReversed();
  const render = async (sha: string): Promise<unknown> => {
    const commit = await git.commitOrFail(sha);
    const files = await git.diff(commit.parents[0], sha);
    return renderPayloadCommit(world, repository, commit, files);
  };
  const commits: unknown[] = [];
  for (const sha of shas) commits.push(await render(sha));
  return { forced, commits: ref.startsWith("refs/tags/") ? [] : commits, head: await render(tip) };
}
