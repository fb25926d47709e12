import type { PullFacts } from "../render/pull.ts";
import { renderPull } from "../render/pull.ts";
import type { Schemas } from "../render/schemas.ts";
import type { Pull, Repository } from "../state/records.ts";
import type { World } from "../state/world.ts";
import { mergeState } from "./merge-state.ts";

/** The head of the base that the pull request is compared with: today's while it is open, the last one afterwards. */
export function baseTip(world: World, repository: Repository, pull: Pull): string {
  const open = world.tables.issues.need(pull.issueId).state === "open";
  const now = world.git(repository).refs.get(`refs/heads/${pull.baseRef}`);
  return open ? (now ?? pull.baseSha) : pull.baseSha;
}

/** What the pull request changes, counted from where it left the base. */
export async function pullRange(
  world: World,
  repository: Repository,
  pull: Pull,
): Promise<{ mergeBase: string; commits: string[] }> {
  const git = world.git(repository);
  const tip = baseTip(world, repository, pull);
  const mergeBase = (await git.mergeBase(tip, pull.headSha)) ?? tip;
  return { mergeBase, commits: await git.commitsBetween(tip, pull.headSha) };
}

export async function pullFacts(
  world: World,
  repository: Repository,
  pull: Pull,
): Promise<PullFacts> {
  const { mergeBase, commits } = await pullRange(world, repository, pull);
  const files = await world.git(repository).diff(mergeBase, pull.headSha);
  const state = await mergeState(world, repository, pull);
  return {
    mergeable: state.mergeable,
    mergeableState: state.state,
    rebaseable: state.mergeable,
    commits: commits.length,
    additions: files.reduce((total, file) => total + file.additions, 0),
    deletions: files.reduce((total, file) => total + file.deletions, 0),
    changedFiles: files.length,
  };
}

export async function renderPullNow(
  world: World,
  repository: Repository,
  pull: Pull,
): Promise<Schemas["pull-request"]> {
  const issue = world.tables.issues.need(pull.issueId);
  const facts = await pullFacts(world, repository, pull);
  return renderPull(world, repository, pull, issue, facts);
}
